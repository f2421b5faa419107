import { Controller } from "vendor/stimulus"

// Closes a <details> menu by Escape, by a click elsewhere and when the focus leaves it.
export default class extends Controller {
  connect() {
    this.element.addEventListener("keydown", this.#onKey)
    this.element.addEventListener("focusout", this.#onFocusOut)
    document.addEventListener("click", this.#onClick)
    document.addEventListener("turbo:before-cache", this.#close)
  }

  disconnect() {
    this.element.removeEventListener("keydown", this.#onKey)
    this.element.removeEventListener("focusout", this.#onFocusOut)
    document.removeEventListener("click", this.#onClick)
    document.removeEventListener("turbo:before-cache", this.#close)
  }

  #close = () => { this.element.open = false }

  #onKey = (event) => {
    if (event.key !== "Escape" || !this.element.open) return
    this.#close()
    this.element.querySelector("summary").focus()
  }

  #onFocusOut = ({ relatedTarget }) => {
    if (relatedTarget && !this.element.contains(relatedTarget)) this.#close()
  }

  #onClick = ({ target }) => {
    if (!this.element.contains(target)) this.#close()
  }
}
