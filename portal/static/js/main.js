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

// Turbo reads an answer's body outside of the place where it forgives an abort: who leaves a page in that moment has
// done nothing wrong.
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.name === "AbortError") event.preventDefault()
})

// Forms carry the token in their body; this covers what scripts and Turbo send without one.
document.addEventListener("turbo:before-fetch-request", ({ detail: { fetchOptions } }) => {
  const token = csrfToken()
  if (token && fetchOptions.method.toUpperCase() !== "GET") fetchOptions.headers["X-CSRFToken"] = token
})
