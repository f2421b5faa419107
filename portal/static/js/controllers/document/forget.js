import { Controller } from "vendor/stimulus"
import { countUnsent, forgetEverything } from "editor/unsent"

// The form that signs out: asks when typed text waits only on this device, then leaves nothing of it here.
export default class extends Controller {
  static values = { question: String }

  async ask(event) {
    if (this.isDone) return
    event.preventDefault()
    if ((await countUnsent()) && !confirm(this.questionValue)) return
    await forgetEverything()
    this.isDone = true
    this.element.requestSubmit()
  }
}
