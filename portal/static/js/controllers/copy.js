import { Controller } from "vendor/stimulus"

// Copies the source's text and says so in the status: <button data-action="copy#copy">.
export default class extends Controller {
  static targets = [ "source", "status" ]
  static values = { done: String }

  async copy(event) {
    event.preventDefault()
    const text = this.sourceTarget.value ?? this.sourceTarget.textContent.trim()
    try {
      await navigator.clipboard.writeText(text)
      this.statusTarget.textContent = this.doneValue
    } catch {
      // No permission: select it, so that the keys of the person's own system copy it.
      this.sourceTarget.select?.()
    }
  }
}
