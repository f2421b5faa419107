// What the toolbar and the keys do. Structure commands change attributes in place and never replace a block.
import { Selection, toggleMark } from "vendor/editor"
import { DEEPEST_INDENT, safeAddress, schema } from "editor/schema"

const isBlock = (node) => node.type === schema.nodes.block
const isListItem = (node) => node.attrs.kind === "bullet" || node.attrs.kind === "ordered"

function selectedBlocks(state) {
  const found = []
  const { from, to } = state.selection
  state.doc.nodesBetween(from, to, (node, position) => {
    if (!isBlock(node)) return true
    found.push({ node, position })
    return false
  })
  return found
}

/** A command that gives every selected block these attributes, or what a function makes of its present ones. */
export function setBlock(wanted) {
  return (state, dispatch) => {
    const transaction = state.tr
    for (const { node, position } of selectedBlocks(state)) {
      const attrs = typeof wanted === "function" ? wanted(node.attrs) : wanted
      for (const [name, value] of Object.entries(attrs)) {
        if (node.attrs[name] !== value) transaction.setNodeAttribute(position, name, value)
      }
    }
    if (!transaction.docChanged) return false
    dispatch?.(transaction)
    return true
  }
}

export const setKind = (kind) => setBlock((attrs) => ({ kind, indent: /bullet|ordered/.test(kind) ? attrs.indent : 0 }))

/** The kind on every selected block, or back to paragraphs when all have it already. */
export function toggleKind(kind) {
  return (state, dispatch) => {
    const isOnAll = selectedBlocks(state).every(({ node }) => node.attrs.kind === kind)
    return setKind(isOnAll ? "p" : kind)(state, dispatch)
  }
}

/** One step deeper or shallower; only in a list, so that Tab elsewhere keeps its meaning. */
export function indent(by) {
  return (state, dispatch) => {
    const blocks = selectedBlocks(state)
    if (!blocks.length || !blocks.every(({ node }) => isListItem(node))) return false
    const step = setBlock((attrs) => ({ indent: Math.max(0, Math.min(DEEPEST_INDENT, attrs.indent + by)) }))
    step(state, dispatch)
    return true
  }
}

/** Enter: an empty list item or quote becomes a paragraph, a heading is followed by one, all else splits as it is. */
export function splitBlock(state, dispatch) {
  const { $from, $to } = state.selection
  const block = $from.parent
  if (!isBlock(block) || !$from.sameParent($to)) return false
  if (state.selection.empty && block.attrs.kind !== "p" && !block.content.size) {
    return setBlock({ kind: "p", indent: 0 })(state, dispatch)
  }
  const isAtEnd = $to.parentOffset === block.content.size
  const attrs = block.attrs.kind.startsWith("h") && isAtEnd ? { kind: "p", indent: 0 } : block.attrs
  // prosemirror-commands' own split would make the second half of a list item a paragraph.
  const transaction = state.tr.deleteSelection()
  transaction.split(transaction.mapping.map($from.pos), 1, [{ type: schema.nodes.block, attrs }])
  dispatch?.(transaction.scrollIntoView())
  return true
}

export function insertLineBreak(state, dispatch) {
  dispatch?.(state.tr.replaceSelectionWith(schema.nodes.hard_break.create()).scrollIntoView())
  return true
}

/** Backspace at the start of a list item, heading or quote takes the form away before it joins. */
export function unwrapAtStart(state, dispatch) {
  const { $from, empty } = state.selection
  const block = $from.parent
  if (!empty || $from.parentOffset > 0 || !isBlock(block)) return false
  if (block.attrs.indent) return setBlock({ indent: block.attrs.indent - 1 })(state, dispatch)
  return setBlock({ kind: "p" })(state, dispatch)
}

const cell = (type) => type.create(null, schema.nodes.block.create())
const row = (type, columns) => schema.nodes.table_row.create(null, Array.from({ length: columns }, () => cell(type)))

/** A table below the caret's block, its first row a header, the caret in its first cell. */
export function insertTable(rows = 3, columns = 3) {
  return (state, dispatch) => {
    const { $from } = state.selection
    if ($from.depth !== 1) return false // a table in a table is not in the schema
    const { table_header: header, table_cell: data, table } = schema.nodes
    const body = Array.from({ length: rows - 1 }, () => row(data, columns))
    const at = $from.after(1)
    const transaction = state.tr.insert(at, table.create(null, [row(header, columns), ...body]))
    if (at === state.doc.content.size) transaction.insert(transaction.doc.content.size, schema.nodes.block.create())
    transaction.setSelection(Selection.near(transaction.doc.resolve(at + 1)))
    dispatch?.(transaction.scrollIntoView())
    return true
  }
}

export const bold = toggleMark(schema.marks.strong)
export const italic = toggleMark(schema.marks.em)

/** The stretch of text around the caret that carries the same link: {from, to, href}, or null. */
export function linkAround(state) {
  const { $from, empty, from, to } = state.selection
  const { link } = schema.marks
  const mark = link.isInSet($from.marks()) ?? link.isInSet($from.nodeAfter?.marks ?? [])
  if (!mark) return null
  if (!empty) return { from, to, href: mark.attrs.href }
  return { ...stretchOf(mark, $from), href: mark.attrs.href }
}

function stretchOf(mark, $position) {
  const start = $position.start()
  let from = $position.pos
  let to = $position.pos
  $position.parent.forEach((node, offset) => {
    const begin = start + offset
    const end = begin + node.nodeSize
    if (mark.isInSet(node.marks) && begin <= $position.pos && end >= $position.pos) [from, to] = [begin, end]
  })
  return { from, to }
}

/** Links the selection (or the link around the caret, or writes the address itself). False for an unsafe address. */
export function setLink(address) {
  return (state, dispatch) => {
    const href = safeAddress(address)
    if (!href) return false
    const mark = schema.marks.link.create({ href })
    const around = linkAround(state)
    const { from, to } = around ?? state.selection
    const transaction = state.tr
    if (from === to) transaction.insert(from, schema.text(href, [mark]))
    else transaction.removeMark(from, to, schema.marks.link).addMark(from, to, mark)
    dispatch?.(transaction.scrollIntoView())
    return true
  }
}

export function removeLink(state, dispatch) {
  const around = linkAround(state)
  if (!around) return false
  dispatch?.(state.tr.removeMark(around.from, around.to, schema.marks.link))
  return true
}

/** What the toolbar shows as pressed: {kind, marks: Set of names}. */
export function stateOfSelection(state) {
  const blocks = selectedBlocks(state)
  const kinds = new Set(blocks.map(({ node }) => node.attrs.kind))
  const { $from, from, to, empty } = state.selection
  const stored = state.storedMarks ?? $from.marks()
  const has = (type) => (empty ? Boolean(type.isInSet(stored)) : state.doc.rangeHasMark(from, to, type))
  const names = Object.keys(schema.marks).filter((name) => has(schema.marks[name]))
  return { kind: kinds.size === 1 ? [...kinds][0] : "", marks: new Set(names) }
}

