// Texts as they were when they were last in step with the server, on a device that its person called their own: the
// next opening starts from there, and a slow line brings only the difference. unsent.js says when they go.
import { BODIES, TEXTS, inStores, settled } from "editor/device"
import { SCHEMA_VERSION } from "editor/schema"

export const MOST_TEXTS = 60
export const MOST_BYTES = 40_000_000 // in all; a long section is about 300 kB
export const MOST_BYTES_OF_ONE = 4_000_000

const NOTHING = { recall: async () => null, keep: async () => {}, drop: async () => {} }

/** Which of these texts must go, so that the latest stay within the bounds. */
export function beyondBounds(texts) {
  let bytes = 0
  const latestFirst = [...texts].sort((one, other) => other.at - one.at)
  return latestFirst.filter(({ size }, index) => (bytes += size) > MOST_BYTES || index >= MOST_TEXTS)
}

/** Of one person in one document; remembers nothing on a device of others. */
export function openedText({ person, documentId, isOwnDevice }) {
  if (!isOwnDevice) return NOTHING
  const key = [person, documentId]
  return {
    /** {state, epoch, seq} or null. */
    async recall() {
      const found = await inStores([TEXTS, BODIES], "readonly", (texts, bodies) =>
        Promise.all([settled(texts.get(key)), settled(bodies.get(key))]))
      const [text, body] = found ?? []
      return text && body && text.schema === SCHEMA_VERSION ? { ...text, state: body.state } : null
    },

    async keep({ state, epoch, seq }) {
      if (state.length > MOST_BYTES_OF_ONE) return
      const row = { person, document: documentId, epoch, seq, schema: SCHEMA_VERSION, at: Date.now(), size: state.length }
      await inStores([TEXTS, BODIES], "readwrite", async (texts, bodies) => {
        await settled(bodies.put({ person, document: documentId, state }))
        await settled(texts.put(row))
        for (const { document } of beyondBounds(await settled(texts.getAll()))) {
          for (const store of [texts, bodies]) store.delete([person, document])
        }
      })
    },

    drop: () =>
      inStores([TEXTS, BODIES], "readwrite", (...stores) =>
        Promise.all(stores.map((store) => settled(store.delete(key))))),
  }
}
