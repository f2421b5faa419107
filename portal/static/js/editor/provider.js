// The browser's end of a shared document: portal/collab/protocol.py is the contract. It opens, applies what comes,
// sends what is typed, and knows at every moment what the server has not acknowledged. It draws nothing.
import { Connection } from "editor/connection"
import { Copy } from "editor/copy"
import { Emitter } from "editor/emitter"
import { Incoming } from "editor/incoming"
import { Keeping } from "editor/keeping"
import { Opening } from "editor/opening"
import { Refusals } from "editor/refusals"

export { SLOW_AFTER } from "editor/connection"
export { GAP_WAIT } from "editor/incoming"
export { PROTOCOL } from "editor/opening"
export const LATE_AFTER = 10_000 // ms without a first answer: worth saying

/**
 * Events: `applying` (what others wrote comes next), `change` (any of the fields below), `synced` (the first time),
 * `replaced` (a new `doc`: mount anew), `rescued` {id, text, code, message, updates, epoch, base} (typed, and not in the
 * text: `code` is why the server did not take it, "reset", or "removed" for what somebody's change took along unseen;
 * kept on the device till `kept.release(id)`), `reset` (the text was set back; `replaced` follows), `presence` (see
 * presence.js), `role` (or the standing changed).
 */
export class Provider extends Emitter {
  /** `socket` is the `/doc` namespace; `kept` see unsent.js, `texts` opened-texts.js; `read(url)` answers a Response. */
  constructor({ documentId, clientKey, role, socket, kept, texts, read }) {
    super()
    Object.assign(this, { documentId, role, socket, kept })
    this.standing = "open" // freezing, frozen, unreadable: nobody may write, whatever their role
    this.line = "connecting" // connecting, open, offline
    this.ended = "" // signed_out, schema, gone: nothing more will come
    this.savedAt = null
    this.me = null
    this.isOpen = false
    this.isSynced = false
    this.startedAt = Date.now()
    this.isStale = false // `doc` is a new one that is not in step yet: what is on the screen must not be typed into
    this.#join(clientKey, read)
    this.keeping = new Keeping({ copy: this.copy, texts })
  }

  // The copy's own, for those who ask the provider.
  get doc() { return this.copy.doc }
  get fragment() { return this.copy.fragment }
  get outbox() { return this.copy.outbox }
  get have() { return this.copy.have }
  get epoch() { return this.copy.epoch }
  get pending() { return this.copy.pending }
  get remembered() { return this.copy.remembered }
  get waitingSince() { return this.copy.waitingSince }
  get isWritable() { return this.role === "write" && this.standing === "open" }

  /** Whether the text should have been in step by now; it is still tried. */
  get isLate() {
    return !this.isSynced && Date.now() - this.startedAt > LATE_AFTER
  }

  async start() {
    await this.keeping.recall()
    await this.copy.recall()
    for (const rescue of await this.kept.rescues()) this.emit("rescued", rescue)
    this.connection.start({
      connect: () => this.opening.begin(),
      disconnect: () => this.#lost(),
      connect_error: (error) => this.#refusedAtTheDoor(error),
    })
    this.watch = setInterval(() => this.#watchLine(), 500)
    if (this.socket.connected) this.opening.begin()
    else if (!this.socket.active) this.socket.connect() // a second CONNECT while one is under way is refused
  }

  /** Leaves the document; what is not acknowledged stays on this device. */
  stop() {
    clearInterval(this.watch)
    this.opening.stop()
    this.incoming.stop()
    this.connection.stop()
    this.outbox.flush()
    this.keeping.now()
    if (this.connection.isConnected) this.connection.say("close")
    this.isOpen = false
    this.copy.destroy()
  }

  sendPresence(anchor, head) {
    if (!this.isOpen) return
    this.outbox.flush() // a caret must not arrive before the letters it stands behind
    this.connection.say("presence", { anchor, head })
  }

  /** Ends the connection at once; another is made by itself. */
  renewLine() {
    this.#lost()
    this.connection.renew()
  }

  #join(clientKey, read) {
    const { documentId, socket, kept } = this
    const isOpen = () => this.isOpen
    this.copy = new Copy(clientKey, {
      kept,
      isLive: isOpen,
      send: (key, edit) => this.#send(key, edit),
      onApply: () => this.emit("applying"),
      onRemoved: (text) => this.emit("rescued", this.copy.takenAlong(text)),
      onChange: () => this.emit("change"),
    })
    const { copy } = this
    this.connection = new Connection({ documentId, socket, handlers: this.#handlers() })
    const onGap = () => this.connection.isConnected && this.opening.begin()
    this.incoming = new Incoming({ copy, isOpen, onGap })
    this.opening = new Opening({ connection: this.connection, copy, read, changes: this, ...this.#answers() })
    this.refusals = new Refusals(this.#consequences())
  }

  #handlers() {
    return {
      saved: (message) => this.#saved(message),
      edits: (message) => this.#heard(message),
      refused: (message) => this.#refused(message),
      reset: ({ epoch }) => this.#reset(epoch),
      role: ({ role, standing }) => this.#setRole(role, standing),
      presence: (message) => this.emit("presence", message),
    }
  }

  #send(key, edit) {
    if (!this.isOpen || this.opening.active.key !== key) return false
    this.connection.sendEdit(edit)
    return true
  }

  // Opening.

  #answers() {
    return {
      beginning: () => (this.line = this.isSynced ? "offline" : "connecting"),
      asking: () => this.#asking(),
      opened: (answer, seq, updates) => this.#opened(answer, seq, updates),
      refused: (error) => this.refusals.ofOpening(error),
    }
  }

  #asking() {
    this.isOpen = false
    this.incoming.hold()
  }

  #opened({ epoch, role, standing, me, people = [] }, seq, updates) {
    const { copy } = this
    const isAnother = this.#isAnother(epoch, seq)
    if (isAnother && this.isSynced) this.#beginEpoch()
    else if (isAnother) copy.disown()
    for (const rescue of copy.setOthersAside(epoch)) this.emit("rescued", rescue)
    copy.apply(updates)
    Object.assign(copy, { have: seq, epoch })
    Object.assign(this, { me, line: "open", isOpen: true, ended: "", savedAt: Date.now() })
    copy.applyLeft()
    this.#setRole(role, standing)
    this.emit("presence", { people, left: [] })
    this.incoming.release()
    if (isAnother) return void this.opening.begin() // what is typed from here on is typed into this epoch
    this.connection.sentAt = null
    this.keeping.touch()
    this.opening.active.resend()
    this.#announceSync()
  }

  // What was kept on the device may also be further than a server that was set up again from its backup.
  #isAnother(epoch, seq) {
    const { copy } = this
    return copy.have >= 0 && (epoch !== copy.epoch || (seq < copy.have && !this.isSynced))
  }

  #announceSync() {
    const isFirst = !this.isSynced
    this.isSynced = true
    if (isFirst) this.emit("synced")
    const isNew = this.isStale
    this.isStale = false
    if (isNew && !isFirst) this.emit("replaced")
    this.emit("change")
  }

  // Between asking to `open` and the answer, `saved` and `refused` speak of the line before, perhaps of another key's
  // numbers. Nothing is lost by not hearing them: what is unacknowledged goes again and is answered again.

  #heard(message) {
    this.incoming.take(message)
    this.keeping.touch()
  }

  #saved({ n }) {
    if (this.opening.isAsking) return
    const { active } = this.opening
    this.refusals.forget()
    active.acknowledge(n)
    this.connection.sentAt = active.isEmpty ? null : Date.now()
    this.savedAt = Date.now()
    this.keeping.touch()
    this.emit("change")
  }

  #refused(message) {
    if (!this.isOpen) return
    this.isOpen = false
    this.refusals.ofEdit(message)
  }

  #consequences() {
    return {
      open: () => this.opening.begin(),
      again: (wait) => this.opening.beginAgain(wait),
      renewLine: () => this.renewLine(),
      startAnew: (code, message) => this.#startAnew(code, message),
      putOut: (code, message) => this.#putOut(code, message),
      end: (reason) => this.#end(reason),
    }
  }

  #reset(epoch) {
    if (epoch !== this.epoch) this.#beginEpoch()
    this.opening.begin()
  }

  #beginEpoch() {
    this.#startAnew("reset", "")
    this.emit("reset")
  }

  /** A new document; what was typed and not taken is handed to the person, never merged blind. */
  #startAnew(code, message) {
    this.keeping.drop()
    const rescue = this.copy.startAnew(code, message)
    if (rescue) this.emit("rescued", rescue)
    Object.assign(this, { isOpen: false, isStale: true })
    this.emit("change")
  }

  #putOut(code, message) {
    this.#startAnew(code, message)
    this.#setRole("none")
    this.#end("gone")
  }

  #end(reason) {
    this.opening.cancel()
    Object.assign(this, { isOpen: false, ended: reason, line: "offline" })
    this.emit("change")
  }

  #setRole(role, standing = "open") {
    if (role === this.role && standing === this.standing) return
    Object.assign(this, { role, standing })
    this.emit("role")
    this.emit("change")
  }

  // The line.

  #lost() {
    this.opening.cancel()
    Object.assign(this, { isOpen: false, line: "offline" })
    this.connection.sentAt = null
    this.incoming.stop()
    this.emit("change")
  }

  #refusedAtTheDoor(error) {
    if (error?.message === "signed_out") this.#end("signed_out")
    else if (this.line === "connecting") this.emit("change")
  }

  #watchLine() {
    if (this.isOpen && this.connection.isSilent) this.renewLine()
    this.emit("tick")
  }
}
