// Puts words into the text as an edit of its own, which one undo takes back.
import { Fragment, Selection, Slice, yUndoPluginKey } from "vendor/editor"
import { withinLimits } from "editor/paste"
import { schema } from "editor/schema"

const paragraph = (line) => schema.nodes.block.create(null, line ? schema.text(line) : null)

/** The lines as paragraphs; a single one flows into the paragraph where it is put. */
function sliceOf(text) {
  const lines = text.split("\n").map(paragraph)
  return new Slice(Fragment.from(lines), 1, 1)
}

/** An own paragraph at the end: the last one when it is empty, else one more. */
function openEnd(transaction) {
  const { lastChild } = transaction.doc
  const isFree = lastChild?.type === schema.nodes.block && !lastChild.content.size
  if (!isFree) transaction.insert(transaction.doc.content.size, paragraph(""))
  return transaction.setSelection(Selection.atEnd(transaction.doc))
}

/** At the caret (in place of nothing: what is selected stays), or at the end. False when a part was too much. */
export function insertWords(view, text, { atCaret }) {
  const { slice, isCut } = withinLimits(sliceOf(text))
  const { undoManager } = yUndoPluginKey.getState(view.state)
  const transaction = view.state.tr
  if (atCaret) transaction.setSelection(Selection.near(transaction.selection.$to, -1))
  else openEnd(transaction)
  undoManager.stopCapturing() // neither what was typed just before nor what follows is undone along
  view.dispatch(transaction.replaceSelection(slice).scrollIntoView())
  undoManager.stopCapturing()
  return !isCut
}
