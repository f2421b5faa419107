// Commands, schema, text and paste limits on editor states without a page; two people through Yjs as the binding does.
import assert from "node:assert/strict"
import test from "node:test"
import { EditorState, Fragment, Slice, TextSelection, Y, initProseMirrorDoc, updateYFragment } from "vendor/editor"
import * as commands from "editor/commands"
import { asAddress } from "editor/link-dialog"
import { MOST_BLOCKS, MOST_CHARACTERS, withinLimits, withoutStyles } from "editor/paste"
import { safeAddress, schema } from "editor/schema"
import { plainText } from "editor/text"

const block = (text = "", attrs = {}, marks = []) => schema.nodes.block.create(attrs, text ? schema.text(text, marks) : null)
const docOf = (...blocks) => schema.nodes.doc.create(null, blocks)

function stateOf(doc, from = 1, to = from) {
  return EditorState.create({ doc, selection: TextSelection.create(doc, from, to) })
}

function after(state, command) {
  let next = state
  const isDone = command(state, (transaction) => (next = state.apply(transaction)))
  return { isDone, doc: next.doc, state: next }
}

const kinds = (doc) => doc.content.content.map((node) => `${node.attrs.kind}${node.attrs.indent || ""}: ${node.textContent}`)

test("a heading, a list and a quotation are attributes of the same block", () => {
  const state = stateOf(docOf(block("Aims")))
  assert.deepEqual(kinds(after(state, commands.setKind("h2")).doc), ["h2: Aims"])
  const list = after(state, commands.toggleKind("bullet"))
  assert.deepEqual(kinds(list.doc), ["bullet: Aims"])
  assert.deepEqual(kinds(after(list.state, commands.toggleKind("bullet")).doc), ["p: Aims"])
})

test("Tab goes deeper in lists only, and three steps at most", () => {
  let { state, isDone } = after(stateOf(docOf(block("a", { kind: "bullet" }))), commands.indent(1))
  for (let step = 0; step < 4; step++) ({ state, isDone } = after(state, commands.indent(1)))
  assert.deepEqual(kinds(state.doc), ["bullet3: a"])
  assert.ok(isDone)
  assert.equal(after(stateOf(docOf(block("a"))), commands.indent(1)).isDone, false)
})

test("Enter goes on with a list, ends an empty item, and follows a heading with a paragraph", () => {
  const item = { kind: "ordered", indent: 1 }
  assert.deepEqual(kinds(after(stateOf(docOf(block("ab", item)), 3), commands.splitBlock).doc), ["ordered1: ab", "ordered1: "])
  assert.deepEqual(kinds(after(stateOf(docOf(block("", item))), commands.splitBlock).doc), ["p: "])
  assert.deepEqual(kinds(after(stateOf(docOf(block("ab", { kind: "h2" })), 3), commands.splitBlock).doc), ["h2: ab", "p: "])
  assert.deepEqual(kinds(after(stateOf(docOf(block("abc")), 2, 3), commands.splitBlock).doc), ["p: a", "p: c"])
})

test("Backspace at the start takes the form away before it joins", () => {
  const { state } = after(stateOf(docOf(block("a", { kind: "bullet", indent: 1 }))), commands.unwrapAtStart)
  assert.deepEqual(kinds(state.doc), ["bullet: a"])
  assert.deepEqual(kinds(after(state, commands.unwrapAtStart).doc), ["p: a"])
})

test("a table has a header row, a block in every cell, and text can follow it", () => {
  const { doc } = after(stateOf(docOf(block("Costs"))), commands.insertTable(2, 2))
  assert.deepEqual(doc.content.content.map(({ type }) => type.name), ["block", "table", "block"])
  assert.equal(doc.child(1).child(0).child(0).type.name, "table_header")
  assert.equal(doc.child(1).child(1).child(1).child(0).type.name, "block")
  doc.check()
})

test("a link takes the selection, is found around the caret, and goes again", () => {
  const linked = after(stateOf(docOf(block("see here now")), 5, 9), commands.setLink("https://example.org"))
  const inside = EditorState.create({ doc: linked.doc, selection: TextSelection.create(linked.doc, 6) })
  assert.deepEqual(commands.linkAround(inside), { from: 5, to: 9, href: "https://example.org" })
  assert.equal(commands.linkAround(after(inside, commands.removeLink).state), null)
})

test("addresses that could run something are not links", () => {
  for (const bad of ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "https://a b", "https://a\\b", "/local"]) {
    assert.equal(safeAddress(bad), null, bad)
    assert.equal(after(stateOf(docOf(block("x")), 1, 2), commands.setLink(bad)).isDone, false)
  }
  assert.equal(asAddress("example.org/a"), "https://example.org/a")
  assert.equal(asAddress("ana@example.org"), "mailto:ana@example.org")
  assert.equal(asAddress("not an address"), null)
  assert.equal(asAddress("javascript:alert(1)"), null)
})

test("the text is the reader's: blocks and cells by line, breaks kept, leftovers gone", () => {
  const table = after(stateOf(docOf(block("Costs"))), commands.insertTable(1, 2)).doc
  assert.equal(plainText(table), "Costs\n\n\n")
  const broken = schema.nodes.block.create(null, [schema.text("a\u200b"), schema.nodes.hard_break.create(), schema.text("b")])
  assert.equal(plainText(docOf(broken, block("c"))), "a\nb\nc")
})

test("pasted styles become data, style sheets and handlers go, text is left alone", () => {
  assert.equal(withoutStyles('<p STYLE="a" class=x>style= onclick=</p>'), '<p data-pasted-style="a" class=x>style= onclick=</p>')
  assert.equal(withoutStyles('<style>p{}</style><a onclick="f()">x</a>'), '<a data-dropped="f()">x</a>')
})

test("a paste within the limits enters whole", () => {
  const slice = new Slice(Fragment.from([block("one"), block("two")]), 1, 1)
  assert.equal(withinLimits(slice).slice, slice)
  assert.equal(withinLimits(slice).isCut, false)
})

test("a paste beyond the limits is cut: characters, blocks, and bytes of the update", () => {
  const long = withinLimits(new Slice(Fragment.from([block("a".repeat(MOST_CHARACTERS + 50))]), 1, 1))
  assert.ok(long.isCut)
  const many = withinLimits(new Slice(Fragment.from(Array.from({ length: MOST_BLOCKS + 5 }, () => block("x"))), 1, 1))
  assert.equal(many.slice.content.childCount, MOST_BLOCKS)
  const wide = withinLimits(new Slice(Fragment.from([block("共".repeat(150_000))]), 1, 1))
  assert.ok(wide.isCut)
  for (const { slice } of [long, many, wide]) assert.ok(sizeOf(slice) < 256_000, `${sizeOf(slice)} bytes`)
})

function sizeOf(slice) {
  const { ydoc, fragment, mapping } = person()
  const made = []
  ydoc.on("update", (update) => made.push(update))
  change({ ydoc, fragment, mapping }, docOf(...slice.content.content))
  return made.reduce((sum, update) => sum + update.length, 0)
}

// Two people, each with a Yjs document, written the way y-prosemirror's binding writes.

function person(state) {
  const ydoc = new Y.Doc()
  if (state) Y.applyUpdate(ydoc, state)
  const fragment = ydoc.getXmlFragment("body")
  return { ydoc, fragment, ...initProseMirrorDoc(fragment, schema) }
}

function change({ ydoc, fragment, mapping }, doc) {
  ydoc.transact(() => updateYFragment(ydoc, fragment, doc, { mapping, isOMark: new Map() }))
}

function exchange(one, other) {
  Y.applyUpdate(one.ydoc, Y.encodeStateAsUpdate(other.ydoc))
  Y.applyUpdate(other.ydoc, Y.encodeStateAsUpdate(one.ydoc))
  const [here, there] = [one, other].map(({ fragment }) => initProseMirrorDoc(fragment, schema).doc)
  assert.deepEqual(here.toJSON(), there.toJSON())
  here.check()
  return here
}

const by = (command, from = 1, to = from) => (doc) => after(stateOf(doc, from, to), command).doc

const formings = {
  "a heading": by(commands.setKind("h2")),
  "a list": by(commands.toggleKind("bullet")),
  "a numbered list": by(commands.toggleKind("ordered")),
  "a quotation": by(commands.setKind("quote")),
  "a deeper item": by(commands.indent(1)),
  "bold words": by(commands.bold, 1, 5),
  "a split behind it": by(commands.splitBlock, 9),
}

for (const [name, form] of Object.entries(formings)) {
  test(`what one types while the other makes ${name} of the block is kept`, () => {
    const start = person()
    change(start, docOf(block("care for", { kind: name === "a deeper item" ? "bullet" : "p" })))
    const base = Y.encodeStateAsUpdate(start.ydoc)
    const [one, other] = [person(base), person(base)]
    const formed = form(one.doc)
    assert.notDeepEqual(formed.toJSON(), one.doc.toJSON())
    change(one, formed)
    change(other, stateOf(other.doc).tr.insertText("TOKEN", 3).doc)
    assert.match(exchange(one, other).textContent, /TOKEN/)
  })
}
