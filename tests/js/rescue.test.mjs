// What was typed and not taken: which of it may be handed in, and how it travels.
import assert from "node:assert/strict"
import test from "node:test"
import { TextSelection, EditorState } from "vendor/editor"
import { frame, unframe } from "editor/framing"
import { isForOthers } from "editor/hand-in"
import { schema } from "editor/schema"
import { backTo, whereabouts } from "editor/whereabouts"

test("updates are framed as they are read", () => {
  const updates = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(9)]
  assert.deepEqual(unframe(frame(updates)), updates)
})

test("words that came too late may be handed in, not those that no server could read", () => {
  const updates = [Uint8Array.of(1)]
  for (const code of ["read_only", "locked", "reset", "not_found", "forbidden"]) assert.ok(isForOthers({ code, updates }), code)
  for (const code of ["malformed", "too_large", "full", "removed"]) assert.ok(!isForOthers({ code, updates }), code)
  assert.ok(!isForOthers({ code: "locked", updates: [] }))
})

const stateOf = (...lines) =>
  EditorState.create({ doc: schema.nodes.doc.create(null, lines.map((line) => schema.nodes.block.create(null, line ? schema.text(line) : null))) })

const textAt = ({ doc, selection: { $head } }) => [doc.child($head.index(0)).textContent, $head.parentOffset]

test("in another text the caret stands where the words are the same, else as near as can be", () => {
  const before = stateOf("One", "Two", "Three")
  const at = before.apply(before.tr.setSelection(TextSelection.create(before.doc, 7)))
  const place = whereabouts(at)
  const back = (state) => textAt(state.apply(backTo(state, place)))
  assert.deepEqual(textAt(at), ["Two", 1])
  assert.deepEqual(back(stateOf("New", "One", "Two")), ["Two", 1])
  assert.deepEqual(back(stateOf("Other", "", "Words")), ["", 0])
  assert.deepEqual(back(stateOf("Only")), ["Only", 1])
})
