// One polite live region, used sparingly: at most one sentence in five seconds. Of what is said of passing states the
// latest wins; what a person must hear once (their words were not taken) waits for its turn.
const QUIET_FOR = 5000 // ms

export class Announcements {
  constructor(region) {
    this.region = region
    this.saidAt = -QUIET_FOR
    this.hush()
  }

  /** Something that is true now, until the next one is. */
  say(sentence) {
    this.passing = sentence
    this.#soon()
  }

  /** Something that happened: it is said, whatever else is true by then. */
  tell(sentence) {
    if (!this.events.includes(sentence)) this.events.push(sentence)
    this.#soon()
  }

  /** Nothing that was about to be said is true any more. */
  hush() {
    clearTimeout(this.timer)
    Object.assign(this, { timer: null, passing: null, events: [] })
  }

  #soon() {
    const wait = Math.max(0, this.saidAt + QUIET_FOR - performance.now())
    this.timer ??= setTimeout(() => this.#speak(), wait)
  }

  #speak() {
    this.timer = null
    this.saidAt = performance.now()
    if (this.events.length) this.region.textContent = this.events.shift()
    else this.#speakOfNow()
    if (this.events.length || this.passing !== null) this.#soon()
  }

  #speakOfNow() {
    this.region.textContent = this.passing
    this.passing = null
  }
}
