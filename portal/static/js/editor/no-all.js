// An editor mounted on an empty fragment has everything selected; y-prosemirror keeps that when text arrives, and the
// first key would then replace the WHOLE text for everybody. Mounting waits for the first sync; this is the second lock.
import { AllSelection, Plugin, Selection, ySyncPluginKey } from "vendor/editor"

const cameFromOthers = (transaction) => transaction.getMeta(ySyncPluginKey)?.isChangeOrigin

export function noAll() {
  return new Plugin({
    appendTransaction(transactions, _before, state) {
      const isTrap = state.selection instanceof AllSelection && state.doc.content.size > 0
      if (!isTrap || !transactions.some(cameFromOthers)) return null
      return state.tr.setSelection(Selection.atStart(state.doc)).setMeta("addToHistory", false)
    },
  })
}
