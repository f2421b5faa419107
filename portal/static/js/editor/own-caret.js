// Where the browser has put the caret (End, a click), before somebody else's change is drawn. ProseMirror hears of it
// with the next `selectionchange` event only; what is drawn before that would put the caret back to where it was, and
// the next letter would land there.
import { yCursorPluginKey, ySyncPluginKey } from "vendor/editor"

/** Take over the browser's selection now, as the event would a moment later. */
export const readCaret = (view) => view.domObserver.flush()

/** The same transaction after `readCaret`, when all it does is to draw the carets of others. */
export function afterReadingCaret(view, transaction) {
  const carets = transaction.getMeta(yCursorPluginKey)
  const isOnlyCarets = carets && !transaction.docChanged && !transaction.getMeta(ySyncPluginKey)
  if (!isOnlyCarets) return transaction
  readCaret(view)
  return view.state.tr.setMeta(yCursorPluginKey, carets)
}
