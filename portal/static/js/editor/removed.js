// Words of this page that somebody else's change took along without having seen them: they stood in a paragraph that
// the other removed (or joined to another), and were typed before that was known. Yjs forgets them at the end of the
// transaction; this looks just before.
//
// Who removes a paragraph names every letter of it that they had. A letter that goes without being named came later
// than what they saw, so they cannot have meant it.
import { Y } from "vendor/editor"
import { isGone, looseText } from "editor/loose-text"
import { readable } from "editor/text"

const UPDATES = "updates" // of a transaction: what it applies

export class RemovedWords {
  /** Watches `doc`; `onRemoved(text)` is called inside of the transaction that took the words along. */
  constructor(doc, onRemoved) {
    Object.assign(this, { doc, onRemoved })
    this.clients = new Set() // the Yjs clients under which this person's words stand
    doc.on("afterTransaction", (transaction) => this.#look(transaction))
  }

  /** Apply what others wrote, in one transaction. */
  apply(updates, origin) {
    this.doc.transact((transaction) => {
      transaction.meta.set(UPDATES, updates)
      for (const update of updates) Y.applyUpdate(this.doc, update, origin)
    }, origin)
  }

  /** Apply what this person wrote in an earlier page: the place it stood in may have gone meanwhile. */
  applyOwn(updates, origin) {
    this.apply(updates, origin)
    for (const update of updates) for (const client of Y.parseUpdateMeta(update).from.keys()) this.clients.add(client)
    this.#offer(looseText(updates, isGone(this.doc)))
  }

  #look(transaction) {
    const updates = transaction.meta.get(UPDATES)
    if (!updates) return void this.clients.add(this.doc.clientID)
    this.#offer(removedUnseen(transaction, { clients: this.clients, updates }))
  }

  #offer(text) {
    if (text) this.onRemoved(text)
  }
}

/** Everything that the updates remove by name, for `Y.isDeleted`. */
const namedIn = (updates) => Y.mergeDeleteSets(updates.map((update) => Y.decodeUpdate(update).ds))

function unseenPart(item, named) {
  let text = ""
  for (let offset = 0; offset < item.length; offset++) {
    if (!Y.isDeleted(named, Y.createID(item.id.client, item.id.clock + offset))) text += item.content.str[offset]
  }
  return text
}

function ownStrings(transaction, clients) {
  const found = []
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    const isText = struct instanceof Y.Item && struct.content instanceof Y.ContentString
    if (isText && clients.has(struct.id.client)) found.push(struct)
  })
  return found
}

/**
 * The text that `clients` wrote and the transaction removed without naming it, in the order it stood in, a paragraph
 * a line; "" for none. Only inside `afterTransaction`. `updates` are those that the transaction applied.
 */
function removedUnseen(transaction, { clients, updates }) {
  const byParent = new Map()
  for (const item of ownStrings(transaction, clients)) {
    if (!byParent.has(item.parent)) byParent.set(item.parent, new Set())
    byParent.get(item.parent).add(item)
  }
  if (!byParent.size) return ""
  const named = namedIn(updates)
  return [...byParent].map(([parent, items]) => readable(inOrder(parent, items, named))).filter(hasWords).join("\n")
}

function inOrder(parent, items, named) {
  let text = ""
  for (let item = parent._start; item; item = item.right) if (items.has(item)) text += unseenPart(item, named)
  return text
}

const hasWords = (text) => /\S/.test(text)
