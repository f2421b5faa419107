// One bundle, so that a page holds exactly one copy of Yjs and of ProseMirror's model:
// two copies do not recognise each other's objects and fail without a word.
export * as Y from "yjs"
export { AllSelection, EditorState, NodeSelection, Plugin, PluginKey, Selection, TextSelection } from "prosemirror-state"
export { Decoration, DecorationSet, EditorView } from "prosemirror-view"
export { DOMParser, DOMSerializer, Fragment, Node, Schema, Slice } from "prosemirror-model"
export { keymap } from "prosemirror-keymap"
export { baseKeymap, chainCommands, toggleMark } from "prosemirror-commands"
export { InputRule, ellipsis, emDash, inputRules, smartQuotes } from "prosemirror-inputrules"
export {
  addColumnAfter,
  addRowAfter,
  deleteColumn,
  deleteRow,
  deleteTable,
  fixTables,
  goToNextCell,
  isInTable,
  tableEditing,
  tableNodes,
} from "prosemirror-tables"
export {
  absolutePositionToRelativePosition,
  initProseMirrorDoc,
  redo,
  relativePositionToAbsolutePosition,
  undo,
  updateYFragment,
  yCursorPlugin,
  yCursorPluginKey,
  ySyncPlugin,
  ySyncPluginKey,
  yUndoPlugin,
  yUndoPluginKey,
} from "y-prosemirror"
export {
  addSuggestionMarks,
  applySuggestion,
  applySuggestions,
  disableSuggestChanges,
  enableSuggestChanges,
  isSuggestChangesEnabled,
  revertSuggestion,
  revertSuggestions,
  suggestChanges,
  withSuggestChanges,
} from "@handlewithcare/prosemirror-suggest-changes"
