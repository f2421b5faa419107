// Stores the long document under some names: `fill.mjs hocuspocus|y-websocket STORE LONG name...`.
import * as Y from "yjs"
import { readLong } from "../driver/long.mjs"

const FILLERS = {
  async hocuspocus(store, updates, names) {
    const { SQLite } = await import("@hocuspocus/extension-sqlite")
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, update)
    const extension = new SQLite({ database: store })
    await extension.onConfigure()
    const state = Buffer.from(Y.encodeStateAsUpdate(doc))
    for (const documentName of names) await extension.configuration.store({ documentName, state })
  },

  async "y-websocket"(store, updates, names) {
    const { LeveldbPersistence } = await import("y-leveldb")
    const database = new LeveldbPersistence(store)
    for (const name of names) {
      for (const update of updates) await database.storeUpdate(name, update)
    }
    await database.destroy()
  },
}

const [kind, store, long, ...names] = process.argv.slice(2)
await FILLERS[kind](store, [...readLong(long)], names)
