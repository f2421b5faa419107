// The text of updates that the server did not take, as it stands in the document: what a person may copy and put back.
import { Y } from "vendor/editor"
import { FRAGMENT } from "editor/schema"
import { readable } from "editor/text"

/** Map of Yjs client -> [first clock, clock after the last] of everything that the updates write. */
function rangesOf(updates) {
  const ranges = new Map()
  for (const update of updates) {
    const { from, to } = Y.parseUpdateMeta(update)
    for (const [client, start] of from) {
      const known = ranges.get(client) ?? [start, 0]
      ranges.set(client, [Math.min(known[0], start), Math.max(known[1], to.get(client))])
    }
  }
  return ranges
}

function typedIn(text, ranges) {
  let typed = ""
  for (let item = text._start; item; item = item.right) {
    const range = ranges.get(item.id.client)
    if (!range || item.deleted || !(item.content instanceof Y.ContentString)) continue
    const start = Math.max(0, range[0] - item.id.clock)
    const end = Math.min(item.length, range[1] - item.id.clock)
    if (start < end) typed += item.content.str.slice(start, end)
  }
  return typed
}

/** What the updates typed, block by block, in the order of the document; "" when they only deleted, formed or parted. */
export function typedText(doc, updates) {
  if (!updates.length) return ""
  const ranges = rangesOf(updates)
  const blocks = []
  const walk = (parent) => {
    const typed = parent.toArray().map((child) => {
      if (child instanceof Y.XmlText) return typedIn(child, ranges)
      walk(child)
      return ""
    })
    blocks.push(typed.join(""))
  }
  walk(doc.getXmlFragment(FRAGMENT))
  return blocks.map(readable).filter((text) => /\S/.test(text)).join("\n")
}
