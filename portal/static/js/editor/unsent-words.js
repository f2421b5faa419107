// All that waits on this device, as text to take along before signing out.
import { EDITS, RESCUES, inStores, settled } from "editor/device"
import { looseText } from "editor/loose-text"

/** What was typed into each text and is not in it, as far as this device knows; texts are parted by an empty line. */
export async function unsentWords() {
  const found = await inStores([EDITS, RESCUES], "readonly", (edits, rescues) =>
    Promise.all([settled(edits.getAll()), settled(rescues.getAll())]))
  const [edits, rescues] = found ?? [[], []]
  const pages = groupedByKey(edits)
  const typed = [...pages.values()].map((rows) => looseText(rows.map(({ update }) => update)))
  return [...typed, ...rescues.map(({ text }) => text)].filter(Boolean).join("\n\n")
}

function groupedByKey(edits) {
  const pages = new Map()
  for (const edit of edits) pages.set(edit.key, [...(pages.get(edit.key) ?? []), edit])
  return pages
}
