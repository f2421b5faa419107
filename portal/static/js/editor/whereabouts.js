// Where somebody stands in a text, in words that outlive it: another text takes its place when a version is restored.
import { TextSelection } from "vendor/editor"

function blocksOf(doc) {
  const blocks = []
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true
    blocks.push({ text: node.textContent, start: position + 1, size: node.content.size })
    return false
  })
  return blocks
}

/** {number, text, offset}: which block, what it says, how far in. */
export function whereabouts({ doc, selection: { head } }) {
  const blocks = blocksOf(doc)
  const number = Math.max(0, blocks.findLastIndex(({ start }) => start <= head))
  const block = blocks[number] ?? { text: "", start: head }
  return { number, text: block.text, offset: head - block.start }
}

/** The nearest block that says the same, else the one of the same number, else the last. */
function sameBlock(blocks, { number, text }) {
  const distance = ({ index }) => Math.abs(index - number)
  const alike = blocks
    .map((block, index) => ({ block, index }))
    .filter(({ block }) => text && block.text === text)
    .sort((one, other) => distance(one) - distance(other))
  return alike[0]?.block ?? blocks[Math.min(number, blocks.length - 1)]
}

/** A transaction that puts the caret there in another text, or as near as can be. */
export function backTo(state, place) {
  const block = sameBlock(blocksOf(state.doc), place)
  if (!block) return state.tr
  const position = block.start + Math.max(0, Math.min(place.offset, block.size))
  return state.tr.setSelection(TextSelection.near(state.doc.resolve(position))).setMeta("addToHistory", false)
}
