import { Controller } from "vendor/stimulus"
import { post } from "lib/page"

const A_MOMENT = 1000

// Tells the server how far somebody has read: the last post whose end stood in the window for a moment.
export default class extends Controller {
  static targets = [ "list", "button" ]
  static values = { url: String, number: Number }

  connect() {
    this.changes = new MutationObserver(this.#wait)
    this.changes.observe(this.listTarget, { childList: true })
    window.addEventListener("scroll", this.#wait, { passive: true })
    window.addEventListener("resize", this.#wait, { passive: true })
    document.addEventListener("visibilitychange", this.#wait)
    this.#wait()
  }

  buttonTargetConnected(button) {
    button.hidden = true // it is for pages without script
  }

  disconnect() {
    clearTimeout(this.timer)
    this.changes.disconnect()
    window.removeEventListener("scroll", this.#wait)
    window.removeEventListener("resize", this.#wait)
    document.removeEventListener("visibilitychange", this.#wait)
  }

  #wait = () => {
    clearTimeout(this.timer)
    if (document.visibilityState === "visible") this.timer = setTimeout(this.#note, A_MOMENT)
  }

  #note = async () => {
    const before = this.numberValue, number = this.#lastInSight()
    if (number <= before) return
    this.numberValue = number
    const isTaken = await post(this.urlValue, new URLSearchParams({ number }))
    if (!isTaken) this.numberValue = Math.min(this.numberValue, before) // the next move tries again
  }

  #lastInSight() {
    const read = [ ...this.listTarget.querySelectorAll("[data-number]") ]
      .filter((post) => post.getBoundingClientRect().bottom <= window.innerHeight + 1)
    return Number(read.at(-1)?.dataset.number ?? 0)
  }
}
