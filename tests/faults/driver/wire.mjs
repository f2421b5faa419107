// Socket.IO's Manager as lib/socket asks for it, on Node's transports. One copy of this module a tab: see names.mjs.
import { Manager as NodeManager } from "socket.io-client"
import { NodeWebSocket, NodeXHR } from "engine.io-client"
import { tabs } from "./tabs.mjs"

const tab = tabs.get(new URL(import.meta.url).searchParams.get("tab"))

class WebSocketLine extends NodeWebSocket {
  createSocket(uri, protocols, options) {
    options.headers = { ...options.headers, cookie: tab.jar.header }
    const socket = super.createSocket(uri, protocols, options)
    socket.on("upgrade", ({ headers }) => tab.jar.parseCookies(headers["set-cookie"]))
    return socket
  }
}

const CLASSES = { websocket: WebSocketLine, polling: NodeXHR }

export class Manager extends NodeManager {
  constructor(uri, options) {
    const { transports, ...others } = options
    // The name is for the line between us and Caddy (tests/faults/line.py), which the portal does not see.
    super(uri, { ...others, query: { tab: tab.name }, cookieJar: tab.jar, extraHeaders: { Origin: uri } })
    this.names = transports
    const names = () => (tab.isPolling ? ["polling"] : this.names)
    Object.defineProperty(this.opts, "transports", {
      get: () => names().map((name) => CLASSES[name]),
      set: (wanted) => (this.names = wanted),
    })
    tab.manager = this
  }
}
