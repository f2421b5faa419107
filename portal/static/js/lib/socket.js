// One connection for the whole tab, which outlives Turbo's visits: `socket("/")` carries streams, `socket("/doc")`
// documents. A page of a signed-in person opens it by asking for one; it comes back by itself.
import { Manager } from "vendor/socket.io"

const WEBSOCKET_FIRST = [ "websocket", "polling" ] // quickest; polling at once where the upgrade is refused
const POLLING_FIRST = [ "polling", "websocket" ] // for networks that swallow WebSockets without a word
const SWALLOWED = "portal-websocket-swallowed" // in sessionStorage: the next page of this tab need not find out again
const OPEN_WITHIN = 4000, OPEN_WITHIN_AT_MOST = 20_000
const LOOK_EVERY = 1000
const ENTER_WITHIN = 8000 // ms on an open connection; then what was asked for, or its answer, is lost
const SIGNED_OUT = 401
const ASK_AGAIN_AFTER = 1500

// What is known of the line: `state` is "idle", "connecting", "open", "offline" or "ended" (signed out, for good).
// Fires "change".
class Line extends EventTarget {
  state = "idle"

  become(state) {
    if (state === this.state) return
    this.state = state
    this.dispatchEvent(new Event("change"))
  }
}

export const line = new Line()

let manager = null
const sockets = new Map()
const waiting = new Map() // socket -> since when it stands before an open line

export function socket(namespace = "/") {
  manager ??= connection()
  if (!sockets.has(namespace)) sockets.set(namespace, attach(manager.socket(namespace)))
  const found = sockets.get(namespace)
  if (!found.active && line.state !== "ended") found.connect()
  return found
}

function connection() {
  const made = new Manager(location.origin, {
    path: "/socket.io",
    transports: sessionStorage.getItem(SWALLOWED) ? POLLING_FIRST : WEBSOCKET_FIRST,
    tryAllTransports: true,
    autoConnect: false,
    reconnectionDelay: 300,
    reconnectionDelayMax: 4000,
    randomizationFactor: 0.5,
    timeout: OPEN_WITHIN
  })
  line.become("connecting")
  made.on("open", () => {
    made.timeout(OPEN_WITHIN)
    line.become("open")
  })
  made.on("close", () => line.state === "ended" || line.become("offline"))
  made.on("error", (error) => failed(made, error)) // before the sockets listen: they see the code that it gets here
  setInterval(() => sockets.forEach(look), LOOK_EVERY)
  return made
}

function failed(made, error) {
  made.opts.transports = POLLING_FIRST
  made.timeout(Math.min(2 * made.timeout(), OPEN_WITHIN_AT_MOST)) // a slow machine is not helped by giving up sooner
  if (error.message === "timeout") sessionStorage.setItem(SWALLOWED, "1")
  if (error.description !== SIGNED_OUT) return line.state === "open" || line.become("offline")
  error.message = "signed_out"
  setTimeout(end) // the sockets hear the error first
}

function end() {
  line.become("ended")
  for (const each of sockets.values()) each.disconnect()
}

// No page waits for ever. Socket.IO asks for a namespace once: it asks no more when the answer was lost on the way, or
// was a refusal (of a server that is overtaxed, say). Then it is asked again, on a new connection if need be.
function look(made) {
  const isShut = !made.active && line.state !== "ended"
  const isUnheard = made.active && !made.connected && line.state === "open"
  if (!isShut && !isUnheard) return void waiting.delete(made)
  if (!waiting.has(made)) return void waiting.set(made, Date.now())
  if (Date.now() - waiting.get(made) < ENTER_WITHIN) return
  waiting.delete(made)
  if (isShut) made.disconnect().connect()
  else manager.engine.transport.close()
}

function attach(made) {
  made.on("connect_error", ({ message }) => message === "signed_out" && setTimeout(end))
  // The server closed it on purpose: the session ended, unless asking again tells otherwise.
  made.on("disconnect", (reason) => {
    if (reason === "io server disconnect") setTimeout(() => line.state === "ended" || made.connect(), ASK_AGAIN_AFTER)
  })
  return made
}
