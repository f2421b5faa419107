// The keys of the editor. Tab is taken inside lists and tables, so Escape gives the next Tab back to the page.
import { Plugin, baseKeymap, chainCommands, goToNextCell, keymap, redo, undo } from "vendor/editor"
import { bold, indent, insertLineBreak, italic, setKind, splitBlock, toggleKind, unwrapAtStart } from "editor/commands"

/** Escape, then Tab (or Shift and Tab), leaves the text; `onEscape` may say so. */
export function wayOut(onEscape) {
  let isLeaving = false
  const keydown = (_view, event) => {
    if (event.key === "Shift") return false
    const leavesNow = isLeaving && event.key === "Tab"
    isLeaving = event.key === "Escape"
    if (isLeaving) onEscape()
    return leavesNow // true: ProseMirror does not see the key, and the browser moves the focus
  }
  const blur = () => {
    isLeaving = false
    return false
  }
  return new Plugin({ props: { handleDOMEvents: { keydown, blur } } })
}

/** `askForLink` opens the link dialog. */
export function editingKeys(askForLink) {
  const link = () => {
    askForLink()
    return true
  }
  const own = keymap({
    "Mod-z": undo,
    "Mod-y": redo,
    "Mod-Shift-z": redo,
    "Mod-b": bold,
    "Mod-i": italic,
    "Mod-k": link,
    "Mod-Alt-0": setKind("p"),
    "Mod-Alt-2": toggleKind("h2"),
    "Mod-Alt-3": toggleKind("h3"),
    "Mod-Shift-7": toggleKind("ordered"),
    "Mod-Shift-8": toggleKind("bullet"),
    "Mod-Shift-9": toggleKind("quote"),
    Enter: splitBlock,
    "Shift-Enter": insertLineBreak,
    Backspace: unwrapAtStart,
    Tab: chainCommands(goToNextCell(1), indent(1)),
    "Shift-Tab": chainCommands(goToNextCell(-1), indent(-1)),
  })
  return [own, keymap(baseKeymap)]
}
