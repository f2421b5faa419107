// The words of updates whose document is not at hand, or has lost the place they stood in: a version was restored, or
// somebody removed the paragraph while this page was closed.
import { Y } from "vendor/editor"
import { readable } from "editor/text"

const keyOf = ({ client, clock }) => `${client}:${clock}`

/** One stretch of text that hangs together: letters in a list, each known by its Yjs id. */
class Stretches {
  constructor() {
    this.heads = []
    this.letters = new Map()
  }

  /** Puts the units of a Yjs item where its neighbours are, or begins another stretch. */
  place(item) {
    const { origin, rightOrigin } = item
    const right = rightOrigin && this.letters.get(keyOf(rightOrigin))
    let last = (origin && this.letters.get(keyOf(origin))) ?? right?.before ?? this.#another()
    const text = item.content instanceof Y.ContentString ? item.content.str : ""
    for (let offset = 0; offset < item.length; offset++) {
      last = this.#put({ client: item.id.client, clock: item.id.clock + offset }, text[offset] ?? "", last)
    }
  }

  #another() {
    const head = { unit: "", after: null }
    this.heads.push(head)
    return head
  }

  #put(id, unit, before) {
    const letter = { id, unit, before, after: before.after }
    if (letter.after) letter.after.before = letter
    before.after = letter
    this.letters.set(keyOf(id), letter)
    return letter
  }

  * texts(isWanted) {
    for (const head of this.heads) {
      let text = ""
      for (let letter = head.after; letter; letter = letter.after) if (letter.unit && isWanted(letter.id)) text += letter.unit
      yield text
    }
  }
}

/**
 * What the updates of one page write and do not take back themselves, a stretch a line, in the order in which the
 * stretches were begun; "" for none. `isWanted({client, clock})` may leave letters out.
 */
export function looseText(updates, isWanted = () => true) {
  if (!updates.length) return ""
  const decoded = updates.map((update) => Y.decodeUpdate(update))
  const takenBack = Y.mergeDeleteSets(decoded.map(({ ds }) => ds))
  const stretches = new Stretches()
  for (const { structs } of decoded) for (const item of structs) if (item instanceof Y.Item) stretches.place(item)
  const isShown = (id) => !Y.isDeleted(takenBack, id) && isWanted(id)
  return [...stretches.texts(isShown)].map(readable).filter((text) => /\S/.test(text)).join("\n")
}

/** True for letters that the document has taken in and lost again. */
export const isGone = (doc) => (id) => id.clock < Y.getState(doc.store, id.client) && Y.getItem(doc.store, id).deleted
