import { Controller } from "vendor/stimulus"
import { csrfToken } from "lib/page"

// Puts words that came too late in at the caret of the text below: the decision first, so that of two editors only
// one does, then the words. Without this the words are copied by hand and marked as inserted.
export default class extends Controller {
  static targets = [ "insert", "text", "form", "status" ]
  static values = { document: Number, panel: String, failed: String, locked: String }

  insertTargetConnected(button) {
    button.hidden = false
  }

  insert() {
    const editor = document.getElementById(`document-${this.documentValue}`)
    const detail = {
      text: this.textTarget.textContent,
      decide: () => this.#decide(),
      refuse: () => this.#say(this.lockedValue),
    }
    this.dispatch("insert", { target: editor ?? this.element, bubbles: false, detail })
  }

  // True when the words are ours to put in.
  async #decide() {
    const body = new FormData(this.formTarget)
    body.set("decision", "inserted")
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() ?? "", "X-Requested-With": "fetch" }
    try {
      const answer = await fetch(this.formTarget.action, { method: "POST", headers, body, redirect: "error" })
      const { error } = await answer.json()
      if (answer.ok) this.element.closest("turbo-frame").src = this.panelValue
      else this.#say(error?.message ?? this.failedValue)
      return answer.ok
    } catch {
      this.#say(this.failedValue)
      return false
    }
  }

  #say(sentence) {
    this.statusTarget.textContent = sentence
  }
}
