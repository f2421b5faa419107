// Starts what every page has: Turbo, and the behaviours that the page names. Everything works without it.
import "vendor/turbo"
import { Application } from "vendor/stimulus"
import { Behaviours } from "lib/behaviours"
import { KeepFocus } from "lib/keep-focus"
import { csrfToken } from "lib/page"
import { keepRefusedForms } from "lib/refusals"

new Behaviours(Application.start(), document).watch()
keepRefusedForms(document)
new KeepFocus().watch(document)

// Forms carry the token in their body; this covers what scripts and Turbo send without one.
document.addEventListener("turbo:before-fetch-request", ({ detail: { fetchOptions } }) => {
  const token = csrfToken()
  if (token && fetchOptions.method.toUpperCase() !== "GET") fetchOptions.headers["X-CSRFToken"] = token
})
