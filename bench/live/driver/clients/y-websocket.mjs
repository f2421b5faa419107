// y-websocket's provider, for its own server and for pycrdt-websocket. Nothing is acknowledged here.
import WebSocket from "ws"
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"

export async function connect(_job, { document, port }) {
  const doc = new Y.Doc()
  const options = { WebSocketPolyfill: WebSocket, disableBc: true }
  const provider = new WebsocketProvider(`ws://127.0.0.1:${port}`, String(document), doc, options)
  return {
    doc,
    isReady: () => provider.synced,
    pending: () => 0,
    trouble: () => "",
    transport: () => "websocket",
    sendNow: () => {},
    close: () => {
      provider.destroy()
      doc.destroy()
    },
  }
}
