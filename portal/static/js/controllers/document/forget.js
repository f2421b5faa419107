import { Controller } from "vendor/stimulus"
import { countUnsent, forgetEverything } from "editor/unsent"

const LOOK_EVERY = 1000 // ms, while the question stands

// The form that signs out: asks when typed text waits only on this device (wait, download, discard), then leaves
// nothing of it here. The question says so when the text is sent meanwhile.
export default class extends Controller {
  static targets = [ "dialog", "waiting", "sent" ]
  static values = { file: String }

  async ask(event) {
    if (this.isDone) return
    event.preventDefault()
    if (!(await countUnsent())) return this.leave()
    this.#say({ isSent: false })
    this.dialogTarget.showModal()
    this.watch = setInterval(() => this.#look(), LOOK_EVERY)
  }

  disconnect() {
    this.rest()
  }

  /** The dialog is closed. */
  rest() {
    clearInterval(this.watch)
  }

  wait() {
    this.dialogTarget.close()
  }

  async download() {
    const { unsentWords } = await import("editor/unsent-words")
    const url = URL.createObjectURL(new Blob([ await unsentWords() ], { type: "text/plain;charset=utf-8" }))
    Object.assign(document.createElement("a"), { href: url, download: this.fileValue }).click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000) // the browser has read it by then
  }

  async leave() {
    await forgetEverything()
    this.isDone = true
    this.element.requestSubmit()
  }

  async #look() {
    if (await countUnsent()) return
    this.rest()
    this.#say({ isSent: true })
  }

  #say({ isSent }) {
    for (const part of this.waitingTargets) part.hidden = isSent
    for (const part of this.sentTargets) part.hidden = !isSent
  }
}
