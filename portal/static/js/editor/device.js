// What this browser remembers of shared texts (IndexedDB): `edits` that the server has not acknowledged, `rescues` that
// it did not take, `texts` as they were last seen, with their `bodies`. Each row is of one person and one document. A
// browser that refuses storage (private windows) remembers nothing, and all goes on: the text is then safe as soon as it is saved.

const DATABASE = "portal-unsent"
const VERSION = 2
const PATIENCE = 5000 // ms: a storage that hangs must not keep the text from opening

export const EDITS = "edits"
export const RESCUES = "rescues"
export const TEXTS = "texts" // what is known of a text that is kept
export const BODIES = "bodies" // the text itself, apart: who looks through the store need not read it

const KEYS = {
  [EDITS]: ["person", "document", "key", "n"],
  [RESCUES]: ["person", "document", "id"],
  [TEXTS]: ["person", "document"],
  [BODIES]: ["person", "document"],
}

export const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

let opened = null
let isBlocked = false // by a page from before the portal was renewed, which holds the former version open

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion)
    request.onblocked = () => (isBlocked = true)
    request.onsuccess = () => {
      isBlocked = false
      request.result.onclose = () => (opened = null) // the browser cleared it, or its disk came back
      request.result.onversionchange = () => {
        request.result.close() // a newer page wants to upgrade; this one opens it again when it needs to
        opened = null
      }
      resolve(request.result)
    }
    request.onerror = () => {
      opened = null
      reject(request.error)
    }
  })
  return opened
}

function upgrade({ result, transaction }, oldVersion) {
  for (const [store, keyPath] of Object.entries(KEYS)) {
    if (!result.objectStoreNames.contains(store)) result.createObjectStore(store, { keyPath })
  }
  if (oldVersion === 1) nameTheEpoch(transaction.objectStore(EDITS))
}

// Rows of version 1 are of a time when no text had been set back yet: all were written in its first epoch.
function nameTheEpoch(store) {
  store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return
    cursor.update({ ...cursor.value, epoch: 1, base: 0 })
    cursor.continue()
  }
}

/** What `work(...stores)` promises, once it is on the disk; null where nothing is remembered. */
export async function inStores(names, mode, work) {
  try {
    return await Promise.race([atWork(names, mode, work), tooLate()])
  } catch {
    return null
  }
}

// What is written counts when the transaction is through: a full disk is told only then.
async function atWork(names, mode, work) {
  const opening = database()
  if (isBlocked) return null
  const transaction = (await opening).transaction(names, mode, { durability: "strict" })
  const isThrough = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve
    transaction.onabort = () => reject(transaction.error)
  })
  const [result] = await Promise.all([work(...names.map((name) => transaction.objectStore(name))), isThrough])
  return result
}

const tooLate = () => new Promise((_, reject) => setTimeout(reject, PATIENCE))

/** All rows of one person in one document. */
export const everythingOf = (person, documentId) => IDBKeyRange.bound([person, documentId], [person, documentId, []])

/** Drop every row but bodies for which `isUnwanted(row, store)`; a body goes with its text. */
export async function removeWhere(isUnwanted) {
  await inStores([EDITS, RESCUES, TEXTS, BODIES], "readwrite", async (edits, rescues, texts, bodies) => {
    await sweep(edits, isUnwanted)
    await sweep(rescues, isUnwanted)
    for (const { person, document } of await sweep(texts, isUnwanted)) bodies.delete([person, document])
  })
}

async function sweep(store, isUnwanted) {
  const rows = await settled(store.getAll())
  const unwanted = rows.filter((row) => isUnwanted(row, store.name))
  for (const row of unwanted) store.delete(KEYS[store.name].map((name) => row[name]))
  return unwanted
}

export const removeEverything = () =>
  inStores(Object.keys(KEYS), "readwrite", async (...stores) => {
    for (const store of stores) await settled(store.clear())
  })
