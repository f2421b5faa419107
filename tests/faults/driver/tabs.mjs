// Tabs as the browser makes them, on the portal's own modules: lib/socket, the provider, the words about saving.
import { Y } from "vendor/editor"
import { readable } from "editor/text"
import { Provider } from "editor/provider"
import { savingState } from "editor/saving"
import { FakeText } from "../../js/server.mjs"
import { Jar } from "./jar.mjs"
import { Ledger } from "./ledger.mjs"

export const tabs = new Map() // number of a page load -> Tab

const LOOK_EVERY = 25 // ms
let loads = 0

export class Tab {
  /** `cookies` by name; `isPolling` for a network that lets no WebSocket through. */
  constructor({ name, origin, cookies, isPolling = false, documentId }) {
    Object.assign(this, { name, origin, isPolling, documentId })
    this.jar = new Jar(cookies)
    this.ledger = new Ledger()
    this.texts = new FakeText() // of a person at their own device
    this.words = [] // [ms since 1970, the name of what was said], when it changed
    this.lies = []
    this.refusals = []
  }

  /** Load the page, also once more after `close`: what is kept on the device is still there. */
  async open() {
    this.load = String(++loads)
    tabs.set(this.load, this)
    const { socket, line } = await import(`lib/socket?tab=${this.load}`)
    Object.assign(this, { line, socket: socket("/doc") })
    this.socket.on("refused", ({ n, code }) => this.refusals.push({ at: Date.now(), n, code }))
    const { documentId, ledger, texts } = this
    const clientKey = crypto.randomUUID()
    const read = (url) => fetch(this.origin + url, { headers: { cookie: this.jar.header } })
    const what = { documentId, clientKey, role: "write", socket: this.socket, kept: ledger, texts, read }
    this.provider = new Provider(what)
    this.provider.on("change", () => this.#look())
    const isSynced = new Promise((resolve) => this.provider.on("synced", resolve))
    await this.provider.start()
    this.looking = setInterval(() => this.#look(), LOOK_EVERY)
    await isSynced
  }

  /** Off the page. */
  close() {
    clearInterval(this.looking)
    this.provider.stop()
    this.line.become("ended") // what looks after its sockets leaves them alone
    this.socket.disconnect()
    this.manager.engine?.close()
    tabs.delete(this.load)
  }

  get doc() {
    return this.provider.doc
  }

  get blocks() {
    return this.provider.fragment.toArray().map((block) => readable(textOf(block)))
  }

  get transport() {
    return this.manager.engine?.transport?.name
  }

  // "Saved" is judged by what this tab typed and what it heard, not by what the provider believes.
  #look() {
    const said = savingState(this.provider).name
    if (this.words.at(-1)?.[1] !== said) this.words.push([Date.now(), said])
    if (said !== "saved") return
    const own = Y.getState(this.doc.store, this.doc.clientID)
    const saved = this.ledger.clockOf(this.doc.clientID)
    const waiting = this.ledger.unsaved.map(({ key, n }) => `${key}/${n}`)
    if (own > saved || waiting.length) this.lies.push({ at: Date.now(), own, saved, waiting })
  }
}

export const textOf = (block) =>
  block.toArray().map((child) => (child instanceof Y.XmlText ? child.toString() : textOf(child))).join("")
