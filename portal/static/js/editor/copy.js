// This tab's copy of a shared document, with what is typed in it and not acknowledged: its own outbox, and those of
// pages that were closed too early.
import { Y } from "vendor/editor"
import { bytesOf } from "editor/framing"
import { looseText } from "editor/loose-text"
import { Outbox } from "editor/outbox"
import { RemovedWords } from "editor/removed"
import { FRAGMENT } from "editor/schema"
import { typedText } from "editor/typed-text"

export class Copy {
  /**
   * `kept` see unsent.js; `send(key, edit)` answers false while there is no line; `onApply()` is called before
   * anything is applied, `onRemoved(text)` when that took this person's words along; the rest see outbox.js.
   */
  constructor(clientKey, { kept, send, isLive, onApply, onRemoved, onChange }) {
    Object.assign(this, { kept, send, isLive, onApply, onRemoved, onChange })
    this.left = [] // outboxes of pages that were closed too early
    this.#begin(clientKey)
  }

  /** All outboxes, oldest first. */
  get outboxes() {
    return [...this.left, this.outbox]
  }

  get pending() {
    return this.outboxes.reduce((sum, outbox) => sum + outbox.changes, 0)
  }

  get remembered() {
    return this.outboxes.reduce((sum, outbox) => sum + outbox.remembered, 0)
  }

  get waitingSince() {
    return this.outboxes.map((outbox) => outbox.waitingSince).find((at) => at !== null) ?? null
  }

  /** Find what earlier pages left on this device. */
  async recall() {
    for (const [key, edits] of await this.kept.left()) this.left.push(this.#outbox(key, edits))
  }

  /** What an earlier page left is acknowledged. */
  release(outbox) {
    this.left = this.left.filter((other) => other !== outbox || !outbox.isEmpty)
  }

  /** Start from a text that was kept on the device. */
  adopt({ state, epoch, seq }) {
    this.apply([state])
    Object.assign(this, { have: seq, epoch })
  }

  /** Nothing was typed yet, and what was kept on the device is another text than the server's. */
  disown() {
    this.#begin(this.outbox.key)
  }

  /** What the server sent: not typed here, so not sent again. */
  apply(updates) {
    this.onApply()
    this.removed.apply(updates.map(bytesOf), this)
  }

  /** What earlier pages left, once the text that it was typed into is here. */
  applyLeft() {
    for (const outbox of this.left.filter(({ isApplied }) => !isApplied)) {
      this.removed.applyOwn(outbox.updates.map(bytesOf), this)
      outbox.isApplied = true
    }
  }

  /**
   * Forget all outboxes, here and on the device, and begin with an empty document under another key. What they hold
   * is set aside, never merged blind: a rescue with its words, or null when nothing was typed.
   */
  startAnew(code, message) {
    for (const outbox of this.outboxes) outbox.flush()
    const rescue = this.#setAside(this.outboxes, { code, message })
    this.left = []
    this.#begin(crypto.randomUUID())
    return rescue
  }

  /** The same for what earlier pages typed into another epoch of the text; a list of rescues. */
  setOthersAside(epoch) {
    const others = this.left.filter((outbox) => !outbox.isEmpty && outbox.oldestGround.epoch !== epoch)
    return others.map((outbox) => this.#setAside([outbox], { code: "reset", message: "" })).filter(Boolean)
  }

  /** What went with somebody else's change, as a rescue. */
  takenAlong(text) {
    const rescue = { id: crypto.randomUUID(), text, code: "removed", message: "", updates: [], epoch: this.epoch, base: this.have }
    this.kept.setAside(rescue, [])
    return rescue
  }

  destroy() {
    this.doc.destroy()
  }

  // The document and its outbox live and die together: a document that held what the server refused is not reused.
  #begin(clientKey) {
    this.doc?.destroy()
    this.doc = new Y.Doc()
    this.fragment = this.doc.getXmlFragment(FRAGMENT)
    this.removed = new RemovedWords(this.doc, this.onRemoved)
    this.doc.on("update", (update, origin) => {
      if (origin !== this) this.outbox.add(update)
    })
    this.outbox = this.#outbox(clientKey)
    this.have = -1
    this.epoch = 0
  }

  #setAside(outboxes, { code, message }) {
    const updates = outboxes.flatMap((outbox) => outbox.updates)
    const ground = outboxes.map((outbox) => outbox.oldestGround).find(Boolean)
    const text = this.#wordsOf(updates, ground)
    const rescue = text ? { id: crypto.randomUUID(), text, code, message, updates, ...ground } : null
    this.kept.setAside(rescue, outboxes.map(({ key }) => key))
    for (const outbox of outboxes) outbox.forget()
    return rescue
  }

  // In the order of the text where the text is here, else in the order of typing.
  #wordsOf(updates, ground) {
    return ground?.epoch === this.epoch ? typedText(this.doc, updates) : looseText(updates)
  }

  #outbox(key, edits = []) {
    const { kept, isLive, onChange } = this
    const ground = () => ({ epoch: this.epoch, base: this.have })
    return new Outbox({ key, edits, kept, isLive, onChange, ground, send: (edit) => this.send(key, edit) })
  }
}
