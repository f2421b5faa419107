// People in one document: who has the same text, and when each saw a keystroke.
import { setTimeout as sleep } from "node:timers/promises"
import { contentAfter, load } from "./traces.mjs"

export const QUIET = 300 // ms before anything is measured
const STEP = 10

export async function until(isTrue, what, seconds = 30) {
  const deadline = performance.now() + seconds * 1000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`)
    await sleep(STEP)
  }
}

const clocks = (doc) =>
  [...doc.store.clients].map(([client, structs]) => `${client}:${structs.at(-1).id.clock + structs.at(-1).length}`).sort().join()

/** Nothing is unacknowledged, nothing waits for its ground, and everybody has seen the same. */
export function haveSame(clients) {
  const [first, ...others] = clients
  const seen = clocks(first.doc)
  return clients.every(({ doc, pending }) => !pending() && !doc.store.pendingStructs && !doc.store.pendingDs) &&
    others.every(({ doc }) => clocks(doc) === seen)
}

const textOf = ({ doc }) => doc.getXmlFragment("body").toString()

/** Wait until all have the same and check that the texts are equal. Throws when they are not. */
export async function converge(clients, seconds = 30) {
  await until(() => haveSame(clients), "that everybody has the same", seconds)
  await until(() => clients.every((client) => textOf(client) === textOf(clients[0])), "that all texts are equal", 5)
  const trouble = clients.map((client) => client.trouble()).find(Boolean)
  if (trouble) throw new Error(trouble)
}

/** Clients of one document, at most `atOnce` connecting at a time. */
export async function gather(connect, document, people, { atOnce = 20 } = {}) {
  const clients = []
  for (let first = 0; first < people; first += atOnce) {
    const some = await Promise.all(
      Array.from({ length: Math.min(atOnce, people - first) }, (_, number) => connect(document, first + number)),
    )
    clients.push(...some)
    await until(() => some.every((client) => client.isReady()), "that everybody is in")
  }
  return clients
}

/** Somebody who replays a trace from transaction `from` on, in a block of their own. */
export class Typist {
  constructor(client, block, trace, from) {
    Object.assign(this, { client, block, trace, next: from })
  }

  get text() {
    return this.client.doc.getXmlFragment("body").get(this.block).get(0)
  }

  get keystroke() {
    return this.trace.txns[this.next++ % this.trace.txns.length]
  }
}

const FIRST = 200 // the transaction at which the first typist begins; the others begin APART each
const APART = 480

/** Typists with the blocks that they write in, filled as their trace stood when they begin. */
export async function seat(clients, count, paths) {
  const { XmlElement, XmlText } = await typesOf(clients[0])
  const traces = paths.map(load)
  const typists = Array.from({ length: count }, (_, number) =>
    new Typist(clients[number], number, traces[number % traces.length], FIRST + APART * number))
  const { doc } = clients[0]
  const body = doc.getXmlFragment("body")
  doc.transact(() => {
    if (body.length) body.delete(0, body.length)
    body.insert(0, typists.map(({ trace, next }) => {
      const block = new XmlElement("block")
      block.setAttribute("kind", "p")
      block.insert(0, [new XmlText(contentAfter(trace, next))])
      return block
    }))
  })
  clients[0].sendNow()
  await converge(clients)
  return typists
}

// Two copies of Yjs do not know each other's types: the portal's client brings its own.
async function typesOf({ isPortal }) {
  return isPortal ? (await import("vendor/editor")).Y : import("yjs")
}

/** Notes when each inserting keystroke of a typist reached each other client. */
export class Watch {
  constructor(clients, typists) {
    this.waits = []
    this.inserts = 0
    this.typed = new Map(typists.map(({ client }) => [client.doc.clientID, []])) // [clock, at], in order
    for (const client of clients) this.#listen(client)
  }

  get expected() {
    return this.inserts * (this.people - 1)
  }

  #listen(client) {
    this.people = (this.people ?? 0) + 1
    const seen = new Map()
    client.doc.on("afterTransaction", (transaction) => {
      const now = performance.now()
      for (const [id, typed] of this.typed) {
        if (id === client.doc.clientID) continue
        const clock = transaction.afterState.get(id) ?? 0
        let next = seen.get(id) ?? 0
        for (; next < typed.length && typed[next][0] <= clock; next++) this.waits.push(now - typed[next][1])
        seen.set(id, next)
      }
    })
  }

  /** The keystroke is made by `make`; only what inserts can be told on the other screens by its clock. */
  note({ client }, make) {
    const { doc } = client
    const typed = this.typed.get(doc.clientID)
    const before = clockOf(doc)
    const at = performance.now()
    typed.push([Infinity, at])
    make()
    const after = clockOf(doc)
    if (after === before) return void typed.pop()
    typed.at(-1)[0] = after
    this.inserts++
  }
}

function clockOf(doc) {
  const last = doc.store.clients.get(doc.clientID)?.at(-1)
  return last ? last.id.clock + last.length : 0
}

/** p50, p95, p99 and the longest, in ms. */
export function quantiles(waits) {
  const sorted = Float64Array.from(waits).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: sorted.at(-1) }
}
