// The browser's end of a shared document: portal/collab/protocol.py is the contract. It opens, applies what comes,
// sends what is typed, and knows at every moment what the server has not acknowledged. It draws nothing.
import { Y } from "vendor/editor"
import { Emitter } from "editor/emitter"
import { bytesOf, unframe } from "editor/framing"
import { Outbox } from "editor/outbox"
import { FRAGMENT, SCHEMA_VERSION } from "editor/schema"
import { typedText } from "editor/typed-text"

export const PROTOCOL = 1
export const GAP_WAIT = 1000 // ms: other workers' edits may overtake each other; asking sooner makes everybody re-open
export const SLOW_AFTER = 6000 // ms without an answer or `saved`: the line is taken for dead and made anew
export const LATE_AFTER = 10_000 // ms without a first answer: worth saying
const RETRY_AFTER = 2000
const MOST_PATIENCE = 30_000 // ms for an answer to `open`: on a slow machine asking again and again makes it slower
const BODY_WITHIN = 120_000

const FINAL = new Set(["not_found", "forbidden", "malformed"])
const readBody = (url) => fetch(url, { signal: AbortSignal.timeout(BODY_WITHIN) })

/**
 * Events: `change` (any of the fields below), `synced` (the first time), `replaced` (a new `doc`: mount anew),
 * `rescued` {text, code, message} (typed, not taken by the server), `presence` (see presence.js), `role`.
 */
export class Provider extends Emitter {
  /** `socket` is the `/doc` namespace; `kept` see unsent.js; `read(url)` answers a Response. */
  constructor({ documentId, clientKey, role, socket, kept, read = readBody }) {
    super()
    Object.assign(this, { documentId, role, socket, kept, read })
    this.line = "connecting" // connecting, open, offline
    this.ended = "" // signed_out, schema, gone: nothing more will come
    this.savedAt = null
    this.me = null
    this.isSynced = false
    this.startedAt = Date.now()
    this.patience = SLOW_AFTER
    this.isStale = false // `doc` is a new one that is not in step yet: what is on the screen must not be typed into
    this.slowed = 0
    this.left = [] // outboxes of pages that were closed too early
    this.run = 0
    this.#newDocument(clientKey)
  }

  get pending() {
    return [...this.left, this.outbox].reduce((sum, outbox) => sum + outbox.changes, 0)
  }

  get remembered() {
    return [...this.left, this.outbox].reduce((sum, outbox) => sum + outbox.remembered, 0)
  }

  get waitingSince() {
    return [...this.left, this.outbox].map((outbox) => outbox.waitingSince).find((at) => at !== null) ?? null
  }

  /** Whether the text should have been in step by now; it is still tried. */
  get isLate() {
    return !this.isSynced && Date.now() - this.startedAt > LATE_AFTER
  }

  async start() {
    for (const [key, edits] of await this.kept.left()) this.left.push(this.#outbox(key, edits))
    this.handlers = {
      connect: () => this.#begin(),
      disconnect: () => this.#lost(),
      connect_error: (error) => this.#refusedAtTheDoor(error),
      saved: (message) => this.#mine(message, () => this.#saved(message)),
      edits: (message) => this.#mine(message, () => this.#edits(message)),
      refused: (message) => this.#mine(message, () => this.#refused(message)),
      reset: (message) => this.#mine(message, () => this.#reset()),
      role: (message) => this.#mine(message, () => this.#setRole(message.role)),
      presence: (message) => this.#mine(message, () => this.emit("presence", message)),
    }
    for (const [event, handler] of Object.entries(this.handlers)) this.socket.on(event, handler)
    this.watch = setInterval(() => this.#watchLine(), 500)
    if (this.socket.connected) this.#begin()
    else if (!this.socket.active) this.socket.connect() // a second CONNECT while one is under way is refused
  }

  /** Leaves the document; what is not acknowledged stays on this device. */
  stop() {
    this.run++
    clearInterval(this.watch)
    clearTimeout(this.gapTimer)
    clearTimeout(this.retryTimer)
    for (const [event, handler] of Object.entries(this.handlers ?? {})) this.socket.off(event, handler)
    this.outbox.flush()
    if (this.socket.connected) this.socket.emit("close", { d: this.documentId })
    this.isOpen = false
    this.doc.destroy()
  }

  sendPresence(anchor, head) {
    if (!this.isOpen) return
    this.outbox.flush() // a caret must not arrive before the letters it stands behind
    this.socket.emit("presence", { d: this.documentId, anchor, head })
  }

  // The document and its outbox live and die together: a document that held what the server refused is not reused.
  #newDocument(clientKey) {
    this.doc?.destroy()
    this.doc = new Y.Doc()
    this.fragment = this.doc.getXmlFragment(FRAGMENT)
    this.doc.on("update", (update, origin) => {
      if (origin !== this) this.outbox.add(update)
    })
    this.outbox = this.#outbox(clientKey)
    this.have = -1
    this.epoch = 0
  }

  #outbox(key, edits = []) {
    return new Outbox({
      key,
      edits,
      kept: this.kept,
      send: (edit) => this.#send(key, edit),
      isLive: () => this.isOpen,
      onChange: () => this.emit("change"),
    })
  }

  #send(key, { n, update }) {
    if (!this.isOpen || this.active.key !== key) return false
    this.sentAt ??= Date.now()
    this.socket.emit("edit", { d: this.documentId, n, update })
    return true
  }

  // Opening. What earlier pages left goes first, each under its own key; the page's own key comes last and stays.

  async #begin() {
    const run = ++this.run
    this.line = this.isSynced ? "offline" : "connecting"
    clearTimeout(this.retryTimer)
    for (const outbox of [...this.left]) {
      if (!(await this.#open(outbox, run))) return
      await this.#drained(outbox, run)
      if (run !== this.run) return
    }
    await this.#open(this.outbox, run)
  }

  #drained(outbox, run) {
    return new Promise((resolve) => {
      const look = () => {
        if (!outbox.isEmpty && run === this.run) return
        this.off("change", look)
        this.left = this.left.filter((other) => other !== outbox || !outbox.isEmpty)
        resolve()
      }
      this.on("change", look)
      look()
    })
  }

  async #open(outbox, run) {
    this.isOpen = false
    this.isAsking = true
    this.early = []
    this.active = outbox
    const answer = await this.#ask(outbox.key)
    if (run !== this.run) return false
    this.isAsking = false
    if (!answer.ok) return this.#notOpened(answer.error)
    try {
      const { seq, updates } = await this.#body(answer)
      if (run !== this.run) return false
      this.#opened(answer, seq, updates)
      return true
    } catch {
      if (run === this.run) this.#again(RETRY_AFTER)
      return false
    }
  }

  async #ask(clientKey) {
    const question = {
      d: this.documentId,
      proto: PROTOCOL,
      schema: SCHEMA_VERSION,
      since: this.have,
      epoch: this.epoch,
      client_key: clientKey,
    }
    try {
      return await this.socket.timeout(this.patience).emitWithAck("open", question)
    } catch {
      this.patience = Math.min(2 * this.patience, MOST_PATIENCE)
      return { ok: false, error: { code: "silent" } }
    }
  }

  async #body({ seq, body, url }) {
    if (!url) return { seq, updates: unframe(body) }
    const response = await this.read(url)
    if (!response.ok) throw new Error(`the document's state was answered with ${response.status}`)
    return { seq: Number(response.headers.get("Portal-Seq")), updates: unframe(await response.arrayBuffer()) }
  }

  #opened({ epoch, role, me, people = [] }, seq, updates) {
    this.patience = SLOW_AFTER
    const isAnotherEpoch = this.have >= 0 && epoch !== this.epoch
    if (isAnotherEpoch) this.#startAnew("reset", "")
    this.#apply(updates)
    Object.assign(this, { have: seq, epoch, me, line: "open", isOpen: true, ended: "", savedAt: Date.now() })
    for (const outbox of this.left) this.#apply(outbox.updates)
    this.#setRole(role)
    this.emit("presence", { people, left: [] })
    for (const message of this.early.splice(0)) this.#edits(message)
    if (isAnotherEpoch) return void this.#begin() // the new document has a key of its own
    this.sentAt = null
    this.active.resend()
    this.#announceSync()
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

  #notOpened({ code, message = "", retry }) {
    if (code === "silent") this.renewLine()
    else if (code === "signed_out" || code === "schema" || code === "proto") this.#end(code === "proto" ? "schema" : code)
    else if (FINAL.has(code)) this.#putOut(code, message)
    else this.#again((retry ?? 2) * 1000)
    return false
  }

  #again(wait) {
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => this.socket.connected && this.#begin(), wait)
  }

  // What the server says.

  #mine(message, handle) {
    if (message?.d === this.documentId) handle()
  }

  // Between asking to `open` and the answer, `saved` and `refused` speak of the line before, perhaps of another key's
  // numbers. Nothing is lost by not hearing them: what is unacknowledged goes again and is answered again.

  #saved({ n }) {
    if (this.isAsking) return
    this.slowed = 0
    this.active.acknowledge(n)
    this.sentAt = this.active.isEmpty ? null : Date.now()
    this.savedAt = Date.now()
    this.emit("change")
  }

  #edits(message) {
    if (!this.isOpen) return void this.early?.push(message)
    const { from_seq: from, to_seq: to, updates } = message
    if (to <= this.have) return
    if (from > this.have + 1) return this.#gap()
    this.#apply(unframe(updates))
    this.have = to
    clearTimeout(this.gapTimer)
    this.gapTimer = null
  }

  #gap() {
    this.gapTimer ??= setTimeout(() => {
      this.gapTimer = null
      if (this.socket.connected) this.#begin()
    }, GAP_WAIT)
  }

  #apply(updates) {
    this.doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.doc, bytesOf(update), this)
    }, this)
  }

  #refused({ n, code, message }) {
    if (!this.isOpen) return
    this.isOpen = false
    if (code === "rate") return this.#again(1000 * Math.min(++this.slowed, 5)) // the same edits, the same numbers
    const isPutOut = code === "gone" || n === 0 // signed out, or without a right now: `open` tells which
    if (!isPutOut) this.#startAnew(code, message)
    this.#begin()
  }

  #reset() {
    this.#startAnew("reset", "")
    this.#begin()
  }

  /** A new document; what was typed and not taken is handed to the person, never merged blind. */
  #startAnew(code, message) {
    const unsaved = [...this.left, this.outbox]
    for (const outbox of unsaved) outbox.flush()
    const text = typedText(this.doc, unsaved.flatMap((outbox) => outbox.updates))
    if (text) this.emit("rescued", { text, code, message })
    for (const outbox of unsaved) outbox.clear()
    this.left = []
    Object.assign(this, { isOpen: false, isStale: true })
    this.#newDocument(crypto.randomUUID())
    this.emit("change")
  }

  #putOut(code, message) {
    this.#startAnew(code, message)
    this.#setRole("none")
    this.#end("gone")
  }

  #end(reason) {
    this.run++
    Object.assign(this, { isOpen: false, ended: reason, line: "offline" })
    this.emit("change")
  }

  #setRole(role) {
    if (role === this.role) return
    this.role = role
    this.emit("role")
    this.emit("change")
  }

  // The line.

  #lost() {
    this.run++
    Object.assign(this, { isOpen: false, line: "offline", sentAt: null })
    clearTimeout(this.gapTimer)
    this.gapTimer = null
    this.emit("change")
  }

  #refusedAtTheDoor(error) {
    if (error?.message === "signed_out") this.#end("signed_out")
    else if (this.line === "connecting") this.emit("change")
  }

  #watchLine() {
    if (this.isOpen && this.sentAt && Date.now() - this.sentAt > SLOW_AFTER) this.renewLine()
    this.emit("tick")
  }

  /** Ends the connection at once; the manager makes another by itself. */
  renewLine() {
    this.#lost()
    const transport = this.socket.io?.engine?.transport
    // The transport and not the engine, which waits for what it still has to send: on a dead line that is for long.
    if (transport) transport.close()
    else this.socket.disconnect().connect()
  }
}
