// The portal's own provider, outbox and framing, on socket.io-client; IndexedDB is replaced by memory.
import http from "node:http"
import { randomUUID } from "node:crypto"
import { gunzipSync } from "node:zlib"
import { Manager } from "socket.io-client"
import { Provider } from "editor/provider"
import { FakeStore, FakeText } from "../../../../tests/js/server.mjs"

export async function connect(job, { document, person, port }) {
  const origin = `https://127.0.0.1:${port}` // what the pages would be served under
  const headers = { ...job.headers, Origin: origin, Cookie: job.cookies[person % job.cookies.length] }
  const agent = new http.Agent({ keepAlive: true }) // as a browser does, one line for each request in flight
  const manager = new Manager(`http://127.0.0.1:${port}`, {
    path: "/socket.io",
    transports: job.transports ?? ["websocket", "polling"],
    autoConnect: false,
    extraHeaders: headers,
    ...(job.transports?.[0] === "polling" ? { agent } : {}),
  })
  const provider = new Provider({
    documentId: document,
    clientKey: randomUUID(),
    role: "write",
    socket: manager.socket("/doc"),
    kept: new FakeStore(),
    texts: new FakeText(),
    read: (url) => read(port, url, headers, agent),
  })
  let trouble = ""
  provider.on("rescued", ({ code }) => (trouble = `an edit was refused: ${code}`))
  await provider.start()
  return {
    isPortal: true,
    get doc() {
      return provider.doc
    },
    isReady: () => provider.isSynced,
    pending: () => provider.pending,
    trouble: () => trouble || (provider.ended && `ended: ${provider.ended}`),
    transport: () => manager.engine?.transport?.name,
    sendNow: () => provider.outbox.flush(),
    close: () => {
      provider.stop()
      manager._close()
      agent.destroy()
    },
  }
}

/** GET with headers that fetch would not send. */
function read(port, path, headers, agent) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, agent, headers: { ...headers, "Accept-Encoding": "gzip" } }
    http.get(options, (answer) => {
      const parts = []
      answer.on("data", (part) => parts.push(part))
      answer.on("error", reject)
      answer.on("end", () => resolve(responseOf(answer, Buffer.concat(parts))))
    }).on("error", reject)
  })
}

function responseOf({ statusCode, headers }, sent) {
  const body = headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent
  return {
    ok: statusCode === 200,
    status: statusCode,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    arrayBuffer: async () => body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength),
  }
}
