// One ProseMirror view on one Yjs document.
import {
  EditorState,
  EditorView,
  fixTables,
  initProseMirrorDoc,
  tableEditing,
  yCursorPlugin,
  ySyncPlugin,
  yUndoPlugin,
} from "vendor/editor"
import { carets } from "editor/carets"
import { typingRules } from "editor/input-rules"
import { editingKeys, wayOut } from "editor/keys"
import { noAll } from "editor/no-all"
import { afterReadingCaret, ownCaret } from "editor/own-caret"
import { pasting } from "editor/paste"
import { schema } from "editor/schema"

function attributes({ label, isEditable, describedBy, placeholder }) {
  const shared = { class: "doc-text", "aria-label": label }
  if (!isEditable()) return { ...shared, role: "document", tabindex: "0" }
  return {
    ...shared,
    role: "textbox",
    "aria-multiline": "true",
    "aria-describedby": describedBy,
    "data-placeholder": placeholder,
    spellcheck: "true",
  }
}

function plugins({ fragment, mapping, presence, builders, askForLink, onEscape, onCut }) {
  const { cursorBuilder, selectionBuilder } = builders
  return [
    ownCaret(),
    wayOut(onEscape),
    ySyncPlugin(fragment, { mapping }),
    yCursorPlugin(presence, { awarenessStateFilter: () => true, cursorBuilder, selectionBuilder }),
    yUndoPlugin(),
    typingRules(),
    ...editingKeys(askForLink),
    tableEditing(),
    pasting(onCut),
    noAll(),
  ]
}

/**
 * Mounts the editor. Only after the first sync: see no-all.js.
 * `labels` gives {editing, reading}; `onUpdate(view, isDocChanged)` runs after every transaction.
 */
export function mountView(place, { fragment, presence, isEditable, labels, describedBy, placeholder, onUpdate, ...on }) {
  const { doc, mapping } = initProseMirrorDoc(fragment, schema)
  const builders = carets()
  const view = new EditorView(place, {
    state: EditorState.create({ schema, doc, plugins: plugins({ fragment, mapping, presence, builders, ...on }) }),
    editable: isEditable,
    attributes: () =>
      attributes({ label: isEditable() ? labels.editing : labels.reading, isEditable, describedBy, placeholder }),
    dispatchTransaction(transaction) {
      if (this.isDestroyed) return // y-prosemirror moves carets from a timer, which may fire after the view went
      this.updateState(this.state.apply(afterReadingCaret(this, transaction)))
      onUpdate(this, transaction.docChanged)
    },
  })
  presence.on("moved", builders.moved)
  repairTables(view, isEditable)
  onUpdate(view, true)
  return {
    view,
    destroy() {
      presence.off("moved", builders.moved)
      view.destroy()
    },
  }
}

// Two people who add rows and columns at once can leave a table ragged.
function repairTables(view, isEditable) {
  const repair = isEditable() ? fixTables(view.state) : null
  if (repair) view.dispatch(repair.setMeta("addToHistory", false))
}
