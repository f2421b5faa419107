// The dialog behind Ctrl+K and the link button. It keeps the selection of the text, which the dialog takes the focus of.
import { linkAround, removeLink, setLink } from "editor/commands"
import { safeAddress } from "editor/schema"

/** What people type as an address: "example.org" is meant as https, "ana@example.org" as mail. */
export function asAddress(typed) {
  const text = typed.trim()
  if (safeAddress(text)) return text
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`
  return /^[^\s:/]+\.[^\s:]+$/.test(text) ? safeAddress(`https://${text}`) : null
}

export class LinkDialog {
  /** `dialog` holds a form with one input, a [data-link=error] and a [data-link=remove] button. */
  constructor(dialog) {
    this.dialog = dialog
    this.input = dialog.querySelector("input")
    this.error = dialog.querySelector("[data-link=error]")
    this.removal = dialog.querySelector("[data-link=remove]")
    this.listeners = new AbortController()
    const { signal } = this.listeners
    dialog.querySelector("form").addEventListener("submit", (event) => this.#submit(event), { signal })
    dialog.querySelector("[data-link=cancel]").addEventListener("click", () => this.#close(), { signal })
    this.removal.addEventListener("click", () => this.#remove(), { signal })
    dialog.addEventListener("close", () => this.view?.focus(), { signal })
  }

  open(view) {
    this.view = view
    const link = linkAround(view.state)
    this.input.value = link?.href ?? ""
    this.removal.hidden = !link
    this.#complain(false)
    this.dialog.showModal()
    this.input.focus()
    this.input.select()
  }

  destroy() {
    this.listeners.abort()
    if (this.dialog.open) this.dialog.close()
  }

  #submit(event) {
    event.preventDefault()
    const address = asAddress(this.input.value)
    this.#complain(!address)
    if (!address) return this.input.focus()
    this.#close()
    setLink(address)(this.view.state, this.view.dispatch)
  }

  #remove() {
    this.#close()
    removeLink(this.view.state, this.view.dispatch)
  }

  #complain(isWrong) {
    this.error.hidden = !isWrong
    this.input.setAttribute("aria-invalid", String(isWrong))
  }

  #close() {
    this.dialog.close()
  }
}
