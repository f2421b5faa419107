import { Controller } from "vendor/stimulus"
import { countUnsent, forgetEverything } from "editor/unsent"

// The form that signs out: asks when typed text waits only on this device (wait, download, discard), then leaves
// nothing of it here.
export default class extends Controller {
  static targets = [ "dialog" ]
  static values = { file: String }

  async ask(event) {
    if (this.isDone) return
    event.preventDefault()
    if (await countUnsent()) this.dialogTarget.showModal()
    else await this.leave()
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
}
