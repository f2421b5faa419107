import { Controller } from "vendor/stimulus"

const EVERY = 15_000

// Says at each section how many people have it open: asked anew while the page is in sight.
// Targets carry data-document; the words value is "{count} here".
export default class extends Controller {
  static targets = [ "count" ]
  static values = { url: String, words: String }

  connect() {
    document.addEventListener("visibilitychange", this.#ask)
    this.timer = setInterval(this.#ask, EVERY)
    this.first = setTimeout(this.#ask, 1500) // the page itself has opened its section by then
  }

  disconnect() {
    document.removeEventListener("visibilitychange", this.#ask)
    clearInterval(this.timer)
    clearTimeout(this.first)
  }

  #ask = async () => {
    if (document.visibilityState !== "visible") return
    try {
      const answer = await fetch(this.urlValue, { headers: { Accept: "application/json" } })
      if (answer.ok) this.#show(await answer.json())
    } catch {
      this.#show({}) // the line is down: nothing is known, so nothing is said
    }
  }

  #show(counts) {
    for (const target of this.countTargets) {
      const count = counts[target.dataset.document] ?? 0
      target.textContent = count ? this.wordsValue.replace("{count}", count) : ""
      target.classList.toggle("live", count > 0)
    }
  }
}
