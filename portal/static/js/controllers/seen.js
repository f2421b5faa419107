import { Controller } from "vendor/stimulus"
import { post } from "lib/page"

const A_MOMENT = 3000

// Tells the server that somebody is here, so that "since your last visit" counts from now: once the page has been
// in sight for a moment, and again when it is left.
export default class extends Controller {
  static values = { url: String }

  connect() {
    document.addEventListener("visibilitychange", this.#wait)
    this.#wait()
  }

  disconnect() {
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.#wait)
    if (this.sent) this.#send()
  }

  #wait = () => {
    clearTimeout(this.timer)
    if (document.visibilityState === "visible") this.timer = setTimeout(this.#send, A_MOMENT)
    else if (this.sent) this.#send()
  }

  #send = () => {
    this.sent = true
    post(this.urlValue) // when the line is down, the next visit shows these changes once more
  }
}
