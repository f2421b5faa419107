// What is pasted goes through the schema, and is cut before it enters the text when it is more than one message to
// the server may carry: 200,000 characters, 2,000 blocks, 256 kB as an update (portal/collab/protocol.py).
import { Fragment, Plugin, Slice } from "vendor/editor"
import { PASTED_STYLE } from "editor/schema"

export const MOST_CHARACTERS = 200_000
export const MOST_BLOCKS = 2_000
export const MOST_BYTES = 230_000 // of 256 kB; the estimate below is on the safe side, the rest is slack

const BYTES_OF_A_BLOCK = 90 // measured: its element, text, kind and indent as a Yjs update
const BYTES_OF_A_MARK = 40
const encoder = new TextEncoder()

function costOf(node) {
  const cost = { characters: 0, blocks: 0, bytes: 0 }
  node.descendants((child) => addTo(cost, child))
  addTo(cost, node)
  return cost
}

function addTo(cost, node) {
  if (node.isText) {
    cost.characters += node.text.length
    cost.bytes += encoder.encode(node.text).length + node.marks.length * BYTES_OF_A_MARK
  } else {
    cost.blocks += node.isTextblock ? 1 : 0
    cost.bytes += BYTES_OF_A_BLOCK
  }
  return true
}

const fits = (cost) => cost.characters <= MOST_CHARACTERS && cost.blocks <= MOST_BLOCKS && cost.bytes <= MOST_BYTES

const sum = (one, other) => ({
  characters: one.characters + other.characters,
  blocks: one.blocks + other.blocks,
  bytes: one.bytes + other.bytes,
})

/** The part of a text block that still fits; null when not even a word does. */
function cutBlock(block, spent) {
  const left = Math.min(MOST_CHARACTERS - spent.characters, Math.floor((MOST_BYTES - spent.bytes - BYTES_OF_A_BLOCK) / 4))
  if (!block.isTextblock || left < 1 || spent.blocks >= MOST_BLOCKS) return null
  return block.cut(0, Math.min(left, block.content.size))
}

/** The slice as it may enter the text: {slice, isCut}. */
export function withinLimits(slice) {
  const kept = []
  let spent = { characters: 0, blocks: 0, bytes: 0 }
  for (const node of slice.content.content) {
    const next = sum(spent, costOf(node))
    if (fits(next)) {
      kept.push(node)
      spent = next
      continue
    }
    const part = cutBlock(node, spent)
    if (part) kept.push(part)
    return { slice: new Slice(Fragment.from(kept), kept.length ? slice.openStart : 0, part ? 1 : 0), isCut: true }
  }
  return { slice, isCut: false }
}

const TAG = /<[a-z][^>]*>/gi
const STYLE_SHEET = /<style[\s>][\s\S]*?(<\/style>|$)/gi

/**
 * Pasted HTML without what the content security policy would report while ProseMirror parses it (nothing of it would
 * run or show: the schema lets only its own marks in). Styles are kept as data for the schema to read.
 */
export function withoutStyles(html) {
  const quiet = (tag) => tag.replace(/\sstyle\s*=/gi, ` ${PASTED_STYLE}=`).replace(/\son\w+\s*=/gi, " data-dropped=")
  return html.replace(STYLE_SHEET, "").replace(TAG, quiet)
}

/** `onCut` tells the person that the rest was left out. */
export function pasting(onCut) {
  return new Plugin({
    props: {
      transformPastedHTML: withoutStyles,
      transformPasted(slice) {
        const { slice: allowed, isCut } = withinLimits(slice)
        if (isCut) onCut()
        return allowed
      },
    },
  })
}
