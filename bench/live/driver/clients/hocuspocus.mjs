// Hocuspocus's own provider, each client with a connection of its own.
import { HocuspocusProvider, HocuspocusProviderWebsocket } from "@hocuspocus/provider"
import WebSocket from "ws"
import * as Y from "yjs"

export async function connect(_job, { document, port }) {
  const line = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${port}`, WebSocketPolyfill: WebSocket })
  const doc = new Y.Doc()
  const provider = new HocuspocusProvider({ websocketProvider: line, name: String(document), document: doc })
  provider.attach()
  return {
    doc,
    isReady: () => provider.isSynced,
    pending: () => provider.unsyncedChanges,
    trouble: () => "",
    transport: () => "websocket",
    sendNow: () => {},
    close: () => {
      provider.destroy()
      line.destroy()
      doc.destroy()
    },
  }
}
