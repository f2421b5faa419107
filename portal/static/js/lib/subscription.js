// One stream that this tab watches, for all elements that name it: asks, asks again after every reconnect with its
// place, asks for what is missing in a hole, and stops asking when it is refused.
import { Place } from "lib/place"

const HOLE_WAIT = 1500 // ms: processes overtake each other; asking sooner makes everybody ask
const RETRY_AFTER = 2000
const SPREAD = 400 // ms: a recheck reaches everybody at once
const ANSWER_WITHIN = 8000
const FINAL = new Set([ "not_found", "forbidden", "unknown_stream", "signed_out", "too_many" ])

export class Subscription {
  #run = 0

  // `show(html)` and `refresh()` are called for what came and for a page that must be read anew.
  constructor({ name, socket, show, refresh }) {
    Object.assign(this, { name, socket, show, refresh })
    this.users = new Set()
    this.place = new Place()
    this.handlers = {
      connect: () => this.ask(),
      stream: (message) => message.stream === this.name && this.#take(message),
      recheck: ({ stream }) => stream === this.name && this.#later(Math.random() * SPREAD)
    }
  }

  // A page's element begins: `place` is what that page knows, `at` when a page without a place was made.
  begin(user, place, at) {
    const isFirst = this.users.size === 0
    this.users.add(user)
    if (isFirst) for (const [ event, handler ] of Object.entries(this.handlers)) this.socket.on(event, handler)
    if (isFirst || place.isKnown || at !== this.pageAt) {
      Object.assign(this, { place, at, pageAt: at })
      if (this.socket.connected) this.ask()
    }
  }

  // True when nobody is left.
  end(user) {
    this.users.delete(user)
    if (this.users.size) return false
    this.#run++
    clearTimeout(this.timer)
    for (const [ event, handler ] of Object.entries(this.handlers)) this.socket.off(event, handler)
    if (this.socket.connected) this.socket.emit("unsubscribe", { stream: this.name })
    return true
  }

  async ask() {
    const run = ++this.#run
    clearTimeout(this.timer)
    this.timer = null
    this.early = [] // what comes before the answer, while this page does not know its place
    const answer = await this.#answer()
    if (run !== this.#run) return
    if (!answer.ok) this.early = null
    if (answer.ok) return this.#asked(answer)
    if (!FINAL.has(answer.error.code)) this.#later((answer.error.retry ?? 2) * 1000)
  }

  async #answer() {
    try {
      return await this.socket.timeout(ANSWER_WITHIN).emitWithAck("subscribe", this.#question())
    } catch {
      return { ok: false, error: { code: "silent" } }
    }
  }

  #question() {
    const question = { stream: this.name, presence: [ ...this.users ].some((user) => user.wantsPresence) }
    if (this.place.isKnown) return { ...question, generation: this.place.generation, since: this.place.seq }
    return this.at === null ? question : { ...question, at: this.at }
  }

  #asked({ generation, seq, missed = [], refresh = false }) {
    const first = seq - missed.length + 1
    const fresh = missed.filter((_, index) => generation === null || this.place.take(generation, first + index))
    if (generation !== null) this.place.adopt(generation, seq)
    this.at = null
    this.#note()
    if (refresh) this.refresh()
    else fresh.forEach((html) => this.show(html))
    const early = this.early
    this.early = null
    early.forEach((message) => this.#take(message))
  }

  #take(message) {
    if (this.early && !this.place.isKnown) return void this.early.push(message)
    const { generation, seq, html } = message
    if (!this.place.take(generation, seq)) return
    this.#note()
    this.show(html)
    if (this.place.hasHole) this.#later(HOLE_WAIT)
  }

  // A page that goes into the browser's history takes its place along.
  #note() {
    this.users.forEach((user) => user.note(this.place))
  }

  #later(wait) {
    this.timer ??= setTimeout(() => {
      this.timer = null
      if (this.socket.connected) this.ask()
    }, wait)
  }
}
