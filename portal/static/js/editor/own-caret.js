// Where the browser has put the caret (End, a click), before a key is judged or somebody else's change is drawn.
// ProseMirror hears of it with the next `selectionchange` event only, which Chromium sends with the next frame: a key
// that comes before it would work at the former place, and what is drawn before it would put the caret back there.
import { Plugin, yCursorPluginKey, ySyncPluginKey } from "vendor/editor"

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

/** Every key finds the caret where the person sees it. */
export function ownCaret() {
  const takeOver = (view) => {
    if (!view.composing) readCaret(view)
    return false
  }
  return new Plugin({ props: { handleDOMEvents: { keydown: takeOver } } })
}
