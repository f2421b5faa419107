// Who is in the document and where their carets stand. Names, organisations and hues are the server's word.
// Has the few methods that y-prosemirror's cursor plugin asks of an "awareness".
import { Emitter } from "editor/emitter"

const SEND_EVERY = 250 // ms: at most four a second
const RENEW_EVERY = 10_000 // the server forgets a tab that was silent for 30 s
const PLUGIN_COLOUR = "#000000" // the plugin warns without one; ours come from classes

const hueOf = ({ hue }) => (Number.isInteger(hue) && hue >= 1 && hue <= 8 ? hue : 1)

/** Events: `change` (for the carets), `people` (for the list), `moved` (key of a caret). */
export class Presence extends Emitter {
  constructor(provider) {
    super()
    this.provider = provider
    this.entries = new Map() // name of a tab -> what the server says of it
    this.cursor = null
    this.sentAt = 0
    this.timer = null
    this.listen = (message) => this.#hear(message)
    this.follow = () => this.#followLine()
    provider.on("presence", this.listen)
    provider.on("change", this.follow)
    this.renewal = setInterval(() => this.#send(), RENEW_EVERY)
  }

  destroy() {
    clearInterval(this.renewal)
    clearTimeout(this.timer)
    this.provider.off("presence", this.listen)
    this.provider.off("change", this.follow)
  }

  /** Those who write, once each, oneself first: [{userId, name, organisation, hue, isMe}]. */
  get writers() {
    const found = new Map()
    for (const [me, entry] of this.entries) {
      if (entry.is_reading) continue
      const isMe = me === this.provider.me || found.get(entry.user_id)?.isMe === true
      const { user_id: userId, name, organisation } = entry
      found.set(userId, { userId, name, organisation, hue: hueOf(entry), isMe })
    }
    return [...found.values()].sort((one, other) => other.isMe - one.isMe)
  }

  get readers() {
    return [...this.entries.values()].filter((entry) => entry.is_reading).length
  }

  // What the cursor plugin asks.

  getStates() {
    const states = new Map()
    for (const [me, entry] of this.entries) {
      if (me === this.provider.me || !entry.anchor || !entry.head) continue
      const user = { name: entry.name, color: PLUGIN_COLOUR, hue: hueOf(entry) }
      states.set(me, { user, cursor: { anchor: entry.anchor, head: entry.head } })
    }
    return states
  }

  getLocalState() {
    return { cursor: this.cursor }
  }

  setLocalStateField(_field, cursor) {
    this.cursor = cursor
    const wait = this.sentAt + SEND_EVERY - Date.now()
    this.timer ??= setTimeout(() => this.#send(), Math.max(0, wait))
  }

  #send() {
    clearTimeout(this.timer)
    this.timer = null
    this.sentAt = Date.now()
    const asJSON = (position) => (position ? JSON.parse(JSON.stringify(position)) : null)
    this.provider.sendPresence(asJSON(this.cursor?.anchor), asJSON(this.cursor?.head))
  }

  #followLine() {
    const { isOpen, me } = this.provider
    if (isOpen && me !== this.me) {
      this.me = me
      this.#send()
    } else if (!isOpen && this.entries.size) {
      this.entries.clear()
      this.#changed()
    }
  }

  #hear({ people = [], left = [] }) {
    for (const entry of people) {
      const before = this.entries.get(entry.me)
      this.entries.set(entry.me, entry)
      if (JSON.stringify(before?.head) !== JSON.stringify(entry.head)) this.emit("moved", entry.me)
    }
    for (const me of left) this.entries.delete(me)
    this.#changed()
  }

  #changed() {
    this.emit("change")
    this.emit("people")
  }
}
