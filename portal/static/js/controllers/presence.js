import { Controller } from "vendor/stimulus"
import { socket } from "lib/socket"

const WRITING_SHOWN = 5000 // ms after the last sign
const SIGN_EVERY = 2500

// Says how many read this page and who writes on it, and tells the others when this reader writes.
// <p data-controller="presence" data-presence-stream-value="thread:12"> with the page's words as values;
// a form inside or named by an outlet action sends signs by data-action="input->presence#write submit->presence#stop".
export default class extends Controller {
  static targets = [ "readers", "writers" ]
  static values = { stream: String, alone: String, readers: String, writes: String, write: String }

  #writers = new Map()
  #signedAt = 0

  connect() {
    this.socket = socket("/")
    this.heard = { readers: (message) => this.#count(message), writing: (message) => this.#writing(message) }
    for (const [ event, handler ] of Object.entries(this.heard)) this.socket.on(event, handler)
  }

  disconnect() {
    for (const [ event, handler ] of Object.entries(this.heard)) this.socket.off(event, handler)
    this.#writers.forEach(({ timer }) => clearTimeout(timer))
    this.#writers.clear()
    this.stop()
  }

  write() {
    if (Date.now() - this.#signedAt < SIGN_EVERY || !this.socket.connected) return
    this.#signedAt = Date.now()
    this.socket.emit("writing", { stream: this.streamValue })
  }

  stop() {
    if (!this.#signedAt) return
    this.#signedAt = 0
    if (this.socket.connected) this.socket.emit("writing", { stream: this.streamValue, active: false })
  }

  #count({ stream, count }) {
    if (stream !== this.streamValue || !this.hasReadersTarget) return
    this.readersTarget.textContent = count > 1 ? this.readersValue.replace("{count}", count) : this.aloneValue
  }

  #writing({ stream, user, name, active }) {
    if (stream !== this.streamValue) return
    clearTimeout(this.#writers.get(user)?.timer)
    this.#writers.delete(user)
    if (active) this.#writers.set(user, { name, timer: setTimeout(() => this.#gone(user), WRITING_SHOWN) })
    this.#showWriters()
  }

  #gone(user) {
    this.#writers.delete(user)
    this.#showWriters()
  }

  #showWriters() {
    if (!this.hasWritersTarget) return
    const names = [ ...this.#writers.values() ].map(({ name }) => `\u2068${name}\u2069`) // isolated: any script
    const joined = new Intl.ListFormat(document.documentElement.lang || "en").format(names)
    const words = names.length > 1 ? this.writeValue : this.writesValue
    this.writersTarget.textContent = names.length ? words.replace("{names}", joined) : ""
  }
}
