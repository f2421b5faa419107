// A server for tests: keeps the log of one document as portal/collab does, and says what a socket hears, with no wire.
import { Y } from "vendor/editor"
import { frame } from "editor/framing"
import { Provider } from "editor/provider"

export const DOCUMENT = 7

function seed() {
  const doc = new Y.Doc()
  const block = new Y.XmlElement("block")
  block.setAttribute("kind", "p")
  block.setAttribute("indent", 0)
  block.insert(0, [new Y.XmlText()])
  doc.getXmlFragment("body").insert(0, [block])
  return Y.encodeStateAsUpdate(doc)
}

export class Server {
  constructor() {
    this.log = [seed()]
    this.numbers = new Map() // client key -> last n that is in the log
    this.epoch = 1
    this.sockets = new Set()
    this.answersSaved = true
    this.opens = []
    this.received = []
  }

  get seq() {
    return this.log.length
  }

  open(socket, question) {
    this.opens.push(question)
    if (this.openError) return { ok: false, error: this.openError }
    const since = question.epoch === this.epoch && question.since >= 0 ? question.since : 0
    Object.assign(socket, { clientKey: question.client_key, isIn: true, isHole: false })
    const answer = { ok: true, seq: this.seq, epoch: this.epoch, role: this.role ?? "write", standing: this.standing, me: socket.name, people: this.people }
    if (this.byHttp) return { ...answer, url: `/documents/${DOCUMENT}/state` }
    return { ...answer, body: frame(this.log.slice(since)) }
  }

  edit(socket, { n, update }) {
    this.received.push({ key: socket.clientKey, n, update })
    if (socket.isHole || !socket.isIn) return
    if (this.refusal) {
      socket.isHole = true
      return void socket.hear("refused", { d: DOCUMENT, n, ...this.refusal })
    }
    const last = this.numbers.get(socket.clientKey) ?? 0
    if (n > last) this.commit(update, () => this.numbers.set(socket.clientKey, n))
    if (this.answersSaved) socket.hear("saved", { d: DOCUMENT, n, seq: this.seq })
  }

  commit(update, note = () => {}) {
    this.log.push(update)
    note()
    this.relay(this.seq, this.seq, [update])
  }

  relay(from, to, updates) {
    for (const socket of this.sockets) {
      if (socket.isIn) socket.hear("edits", { d: DOCUMENT, from_seq: from, to_seq: to, updates: frame(updates) })
    }
  }

  text() {
    const doc = new Y.Doc()
    for (const update of this.log) Y.applyUpdate(doc, update)
    return textOf(doc)
  }
}

let names = 0

/** What the provider sees of Socket.IO's client. */
export class FakeSocket {
  constructor(server) {
    Object.assign(this, { server, connected: false, name: `s${++names}`, handlers: new Map(), said: [] })
  }

  on(event, handler) {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler])
  }

  off(event, handler) {
    this.handlers.set(event, (this.handlers.get(event) ?? []).filter((other) => other !== handler))
  }

  hear(event, ...details) {
    for (const handler of this.handlers.get(event) ?? []) handler(...details)
  }

  connect() {
    this.connected = true
    this.server.sockets.add(this)
    this.hear("connect")
    return this
  }

  disconnect() {
    this.connected = false
    this.isIn = false
    this.server.sockets.delete(this)
    this.hear("disconnect", "transport close")
    return this
  }

  emit(event, message) {
    this.said.push([event, message])
    if (event === "edit") queueMicrotask(() => this.server.edit(this, message))
  }

  timeout() {
    return {
      emitWithAck: async (_event, question) => {
        if (this.server.isSilent) throw new Error("operation has timed out")
        return this.server.open(this, question)
      },
    }
  }
}

/** Edits kept "on this device", which outlive a page. */
export class FakeStore {
  rows = new Map()
  aside = new Map()

  async put(key, { n, update, at, changes, epoch, base }) {
    this.rows.set(`${key}/${n}`, { key, n, update, at, changes, epoch, base })
    return true
  }

  drop(key, n) {
    for (const [name, row] of this.rows) if (row.key === key && row.n <= n) this.rows.delete(name)
  }

  async setAside(rescue, keys) {
    if (rescue) this.aside.set(rescue.id, rescue)
    for (const key of keys) this.drop(key, Infinity)
  }

  async rescues() {
    return [...this.aside.values()]
  }

  async release(id) {
    this.aside.delete(id)
  }

  async left() {
    const left = new Map()
    for (const row of this.rows.values()) left.set(row.key, [...(left.get(row.key) ?? []), row])
    return left
  }
}

/** A text kept "on this device". */
export class FakeText {
  async recall() {
    return this.text ?? null
  }

  async keep(text) {
    this.text = text
  }

  async drop() {
    this.text = null
  }
}

export const textOf = (doc) =>
  doc
    .getXmlFragment("body")
    .toArray()
    .map((block) => block.toArray().map((text) => text.toString()).join(""))
    .join("\n")

export function type(provider, text) {
  const block = provider.fragment.get(0)
  const content = block.get(0)
  content.insert(content.length, text)
}

let pages = 0

export async function page(server, options = {}) {
  const provider = new Provider({
    documentId: DOCUMENT,
    clientKey: options.clientKey ?? `page-${++pages}`,
    role: "write",
    socket: options.socket ?? new FakeSocket(server),
    kept: options.kept ?? new FakeStore(),
    texts: options.texts ?? new FakeText(),
    read: options.read,
  })
  provider.heard = []
  for (const event of ["synced", "replaced", "rescued", "role", "presence"]) {
    provider.on(event, (detail) => provider.heard.push([event, detail]))
  }
  await provider.start()
  await settle()
  return provider
}

/** Let promises and microtasks run out; timers stay where they are. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
