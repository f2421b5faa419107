// Edits of one client key on their way to the server. An edit keeps its number `n` until it is acknowledged; what was
// never sent may still grow (a line that is down makes one edit of many keys), what was sent is never changed.
import { Y } from "vendor/editor"

export const MERGE_FOR = 40 // ms: the keys that follow within it become one update
export const MOST_BYTES_MERGED = 64_000

/** The Yjs client whose structs an update holds; undefined when it only deletes. The server takes one at most. */
export function clientOf(update) {
  return [...Y.parseUpdateMeta(update).from.keys()][0]
}

function belongTogether(one, other) {
  const [first, second] = [clientOf(one), clientOf(other)]
  return first === undefined || second === undefined || first === second
}

export class Outbox {
  /**
   * `send(edit)` puts {n, update} on the line, or does nothing while there is none and returns false;
   * `kept` has put(key, edit), which promises whether it is remembered on this device, and drop(key, n);
   * `isLive()` says whether there is a line: without one nothing waits for company, so that little can be lost;
   * `ground()` is {epoch, base}, the text that is typed into: its epoch and how far of it is known here.
   */
  constructor({ key, send, kept, ground, edits = [], isLive = () => true, onChange = () => {} }) {
    Object.assign(this, { key, send, kept, ground, isLive, onChange })
    this.edits = edits.map((edit) => ({ ...edit, isSent: true, remembered: edit.changes }))
    this.n = Math.max(0, ...edits.map(({ n }) => n))
    this.burst = []
    this.timer = null
  }

  get isEmpty() {
    return !this.edits.length && !this.burst.length
  }

  /** How many bursts of typing wait: the number a person is told. */
  get changes() {
    return this.edits.reduce((sum, edit) => sum + edit.changes, 0) + (this.burst.length ? 1 : 0)
  }

  /** How many of them are remembered on this device by now. */
  get remembered() {
    return this.edits.reduce((sum, edit) => sum + edit.remembered, 0)
  }

  /** When the oldest edit that is not acknowledged was made, in ms since 1970; null for none. */
  get waitingSince() {
    return this.edits[0]?.at ?? this.burst[0]?.at ?? null
  }

  /** The text that the oldest edit was typed into; null for none. */
  get oldestGround() {
    const edit = this.edits[0] ?? this.burst[0]
    return edit ? { epoch: edit.epoch, base: edit.base } : null
  }

  /** All updates that are not acknowledged, oldest first. */
  get updates() {
    return [...this.edits, ...this.burst].map(({ update }) => update)
  }

  add(update) {
    this.burst.push({ update, at: Date.now(), ...this.ground() })
    if (!this.isLive()) this.flush()
    else if (this.timer === null) queueMicrotask(() => this.flush())
    this.onChange()
  }

  /**
   * Number what was typed since the last flush, remember it on this device, send it. The first key after a pause
   * goes at once, with all that is changed along with it; the keys of the next MERGE_FOR go together.
   */
  flush() {
    if (!this.burst.length) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.#rested(), MERGE_FOR)
    const burst = this.burst
    this.burst = []
    const touched = new Set()
    for (const typed of burst) touched.add(this.#place(typed))
    for (const edit of touched) {
      edit.changes++
      this.#remember(edit)
      this.#send(edit)
    }
  }

  #rested() {
    this.timer = null
    this.flush()
  }

  // One write at a time for an edit: it holds all of the edit, so that what waits for the disk is never more than one.
  async #remember(edit) {
    if (edit.isWriting) return
    edit.isWriting = true
    for (let written = -1; this.edits.includes(edit) && written !== edit.changes; ) {
      written = edit.changes
      if (!(await this.kept.put(this.key, edit))) break
      edit.remembered = Math.max(edit.remembered, written)
      this.onChange()
    }
    edit.isWriting = false
  }

  #place({ update, ...when }) {
    const last = this.edits.at(-1)
    const hasRoom = last && !last.isSent && last.update.length + update.length <= MOST_BYTES_MERGED
    if (hasRoom && belongTogether(last.update, update)) {
      last.update = Y.mergeUpdates([last.update, update])
      return last
    }
    const edit = { n: ++this.n, update, ...when, changes: 0, remembered: 0, isSent: false }
    this.edits.push(edit)
    return edit
  }

  #send(edit) {
    if (this.send(edit) !== false) edit.isSent = true
  }

  /** After every `open`: everything that is not acknowledged goes again, under the same key and n. */
  resend() {
    for (const edit of this.edits) this.#send(edit)
    if (this.burst.length) this.flush()
  }

  /** Every edit up to and including n is committed. */
  acknowledge(n) {
    this.edits = this.edits.filter((edit) => edit.n > n)
    this.kept.drop(this.key, n)
    this.onChange()
  }

  /** Nothing of it will be sent any more; what the device keeps of it is the caller's to decide. */
  forget() {
    clearTimeout(this.timer)
    Object.assign(this, { timer: null, burst: [], edits: [] })
    this.onChange()
  }
}
