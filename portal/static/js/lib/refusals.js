// A refused form stays as it is, with what was typed: the words of the error page stand above it instead of
// taking its place. Turbo would render that page over the form, and "back" would lead to the page before.
export function keepRefusedForms(root) {
  root.addEventListener("turbo:before-fetch-response", async (event) => {
    const { target: form, detail: { fetchResponse } } = event
    if (!(form instanceof HTMLFormElement) || !fetchResponse.response.headers.has("X-Refused")) return
    event.preventDefault()
    say(form, new DOMParser().parseFromString(await fetchResponse.responseHTML, "text/html"))
  })

  root.addEventListener("turbo:submit-start", ({ target }) => noteAbove(target)?.remove())
}

function say(form, errorPage) {
  const note = document.createElement("div")
  note.className = "error-summary"
  note.setAttribute("role", "alert")
  note.tabIndex = -1
  note.dataset.refusal = ""
  note.append(element("h2", errorPage.querySelector("h1")), element("p", errorPage.querySelector("h1 + p")))
  noteAbove(form)?.remove()
  form.before(note)
  note.focus()
}

function noteAbove(form) {
  const before = form.previousElementSibling
  return before?.matches("[data-refusal]") ? before : null
}

function element(name, source) {
  const made = document.createElement(name)
  made.textContent = source?.textContent.trim() ?? ""
  return made
}
