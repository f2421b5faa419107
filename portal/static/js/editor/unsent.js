// What a person typed and the server has not acknowledged, kept on this device (IndexedDB) under person and document.
// It goes when it is acknowledged, at sign-out, when another person signs in, and after a day; after 30 days on a
// device that the person called their own. A browser that refuses storage (private windows) keeps nothing, and typing
// goes on: the text is then safe as soon as it is saved.

const DATABASE = "portal-unsent"
const STORE = "edits"
const DAY = 86_400_000 // ms
const PATIENCE = 5000 // ms: a storage that hangs must not keep the text from opening
const ROW_KEY = ["person", "document", "key", "n"]

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

let opened = null

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ROW_KEY })
    request.onsuccess = () => {
      request.result.onclose = () => (opened = null) // the browser cleared it, or its disk came back
      resolve(request.result)
    }
    request.onerror = () => reject(request.error)
  })
  return opened
}

async function inStore(mode, work) {
  try {
    return await Promise.race([atWork(mode, work), tooLate()])
  } catch {
    return null // no storage here; see above
  }
}

// What is written counts when the transaction is through: a full disk is told only then.
async function atWork(mode, work) {
  const transaction = (await database()).transaction(STORE, mode, { durability: "strict" })
  const isThrough = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve
    transaction.onabort = () => reject(transaction.error)
  })
  const [result] = await Promise.all([work(transaction.objectStore(STORE)), isThrough])
  return result
}

const tooLate = () => new Promise((_, reject) => setTimeout(reject, PATIENCE))

const everythingOf = (person, documentId) => IDBKeyRange.bound([person, documentId], [person, documentId, []])

async function removeWhere(isUnwanted) {
  await inStore("readwrite", async (store) => {
    for (const row of await settled(store.getAll())) {
      if (isUnwanted(row)) store.delete(ROW_KEY.map((name) => row[name]))
    }
  })
}

/** The unsent edits of one person in one document; the same shape as what Outbox asks for in `kept`. */
export function unsentEdits({ person, documentId }) {
  return {
    /** True when it is remembered, false in a browser that keeps nothing. */
    async put(key, { n, update, at, changes }) {
      const row = { person, document: documentId, key, n, update, at, changes }
      return (await inStore("readwrite", (store) => settled(store.put(row)))) !== null
    },

    drop: (key, n) =>
      inStore("readwrite", (store) =>
        settled(store.delete(IDBKeyRange.bound([person, documentId, key, 0], [person, documentId, key, n])))),

    /** Map of client key -> edits in order, left by pages that were closed before the server answered. */
    async left() {
      const rows = await inStore("readonly", (store) => settled(store.getAll(everythingOf(person, documentId))))
      const open = await keysOfOpenPages()
      const left = new Map()
      for (const row of rows ?? []) {
        if (!open.has(row.key)) left.set(row.key, [...(left.get(row.key) ?? []), row])
      }
      return left
    },
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

/** Drop what belongs to somebody else on this device, and what is too old. */
export function forgetStale({ person, isOwnDevice }) {
  const oldest = Date.now() - (isOwnDevice ? 30 : 1) * DAY
  return removeWhere((row) => row.person !== person || row.at < oldest)
}

/** How many edits wait on this device, over all documents. */
export async function countUnsent() {
  return (await inStore("readonly", (store) => settled(store.count()))) ?? 0
}

/** At sign-out: nothing stays on this device. */
export function forgetEverything() {
  return removeWhere(() => true)
}
