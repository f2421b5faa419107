// What a person typed and the server has not acknowledged, or did not take, kept on this device under person and
// document. It goes when it is acknowledged or let go, at sign-out, when another person signs in, and after a day;
// after 30 days on a device that the person called their own.
import { EDITS, RESCUES, TEXTS, everythingOf, inStores, removeEverything, removeWhere, settled } from "editor/device"

const DAY = 86_400_000 // ms

/** Of one person in one document; what Outbox and Copy ask for in `kept`. */
export function unsentEdits({ person, documentId }) {
  const ofKey = (key, n) => IDBKeyRange.bound([person, documentId, key, 0], [person, documentId, key, n])
  return {
    /** True when it is remembered, false in a browser that keeps nothing. */
    async put(key, { n, update, at, changes, epoch, base }) {
      const row = { person, document: documentId, key, n, update, at, changes, epoch, base }
      return (await inStores([EDITS], "readwrite", (store) => settled(store.put(row)))) !== null
    },

    drop: (key, n) => inStores([EDITS], "readwrite", (store) => settled(store.delete(ofKey(key, n)))),

    /** Map of client key -> edits in order, left by pages that were closed before the server answered. */
    async left() {
      const rows = await inStores([EDITS], "readonly", (store) => settled(store.getAll(everythingOf(person, documentId))))
      const open = await keysOfOpenPages()
      const left = new Map()
      for (const row of rows ?? []) {
        if (!open.has(row.key)) left.set(row.key, [...(left.get(row.key) ?? []), row])
      }
      return left
    },

    /** In one go: `rescue` (or null) is kept, and everything under these client keys is no edit any more. */
    setAside: (rescue, keys) =>
      inStores([EDITS, RESCUES], "readwrite", async (edits, rescues) => {
        if (rescue) await settled(rescues.put({ ...rescue, person, document: documentId, at: Date.now() }))
        for (const key of keys) await settled(edits.delete(ofKey(key, Infinity)))
      }),

    /** What was set aside in this document and neither put back nor handed in, oldest first. */
    async rescues() {
      const all = everythingOf(person, documentId)
      const rows = await inStores([RESCUES], "readonly", (store) => settled(store.getAll(all)))
      return (rows ?? []).sort((one, other) => one.at - other.at)
    },

    release: (id) => inStores([RESCUES], "readwrite", (store) => settled(store.delete([person, documentId, id]))),
  }
}

const LOCK = "portal-client-key:"

async function keysOfOpenPages() {
  const { held = [] } = (await navigator.locks?.query()) ?? {}
  return new Set(held.map(({ name }) => name.replace(LOCK, "")))
}

/** Says to other tabs that this page is alive and sends its own edits itself; the function ends that. */
export function holdKey(key) {
  let release = () => {}
  navigator.locks?.request(LOCK + key, () => new Promise((resolve) => (release = resolve)))
  return () => release()
}

/** Drop what belongs to somebody else on this device, what is too old, and whole texts where none may be kept. */
export function forgetStale({ person, isOwnDevice }) {
  const oldest = Date.now() - (isOwnDevice ? 30 : 1) * DAY
  return removeWhere(
    (row, store) => row.person !== person || row.at < oldest || (store === TEXTS && !isOwnDevice),
  )
}

/** How many edits and rescues wait on this device, over all documents. */
export async function countUnsent() {
  const found = await inStores([EDITS, RESCUES], "readonly", async (...stores) =>
    Promise.all(stores.map((store) => settled(store.count()))))
  return (found ?? []).reduce((sum, count) => sum + count, 0)
}

/** At sign-out: nothing stays on this device. */
export function forgetEverything() {
  return removeEverything()
}
