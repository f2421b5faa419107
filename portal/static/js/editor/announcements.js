// One polite live region, used sparingly: at most one sentence in five seconds, the latest wins.
const QUIET_FOR = 5000 // ms

export class Announcements {
  constructor(region) {
    this.region = region
    this.saidAt = -QUIET_FOR
    this.timer = null
  }

  say(sentence) {
    this.next = sentence
    const wait = Math.max(0, this.saidAt + QUIET_FOR - performance.now())
    this.timer ??= setTimeout(() => this.#speak(), wait)
  }

  /** Nothing that was about to be said is true any more. */
  hush() {
    clearTimeout(this.timer)
    this.timer = null
  }

  #speak() {
    this.timer = null
    this.saidAt = performance.now()
    this.region.textContent = this.next
  }
}
