// The row of tools: one Tab stop, arrows move inside it (WAI-ARIA toolbar). Buttons carry data-command, the list of
// styles data-command="kind"; both work on the view that is set.
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable, redo, undo } from "vendor/editor"
import { bold, insertTable, italic, setKind, stateOfSelection, toggleKind } from "editor/commands"

const COMMANDS = {
  bold,
  italic,
  bullet: toggleKind("bullet"),
  ordered: toggleKind("ordered"),
  table: insertTable(),
  "row-add": addRowAfter,
  "column-add": addColumnAfter,
  "row-delete": deleteRow,
  "column-delete": deleteColumn,
  "table-delete": deleteTable,
  undo,
  redo,
}

const isPressed = ({ kind, marks }) => ({
  bold: marks.has("strong"),
  italic: marks.has("em"),
  link: marks.has("link"),
  bullet: kind === "bullet",
  ordered: kind === "ordered",
})

const STEPS = { ArrowRight: 1, ArrowLeft: -1 }

export class Toolbar {
  constructor(bar, { askForLink }) {
    Object.assign(this, { bar, askForLink, view: null })
    this.styles = bar.querySelector("[data-command=kind]")
    this.tableTools = bar.querySelector("[data-tools=table]")
    this.listeners = new AbortController()
    const { signal } = this.listeners
    bar.addEventListener("click", (event) => this.#click(event), { signal })
    bar.addEventListener("keydown", (event) => this.#move(event), { signal })
    bar.addEventListener("focusin", (event) => this.#makeTabStop(event.target), { signal })
    // A press must not take the selection out of the text; the list of styles needs the focus to open.
    bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault(), { signal })
    this.styles.addEventListener("change", () => this.#pickStyle(), { signal })
    this.#makeTabStop(this.items[0])
  }

  get items() {
    return [...this.bar.querySelectorAll("[data-command]")].filter((item) => !item.parentElement.hidden)
  }

  /** Show what holds at the selection. */
  update(view) {
    this.view = view
    const selection = stateOfSelection(view.state)
    this.styles.value = ["p", "h2", "h3", "quote"].includes(selection.kind) ? selection.kind : "p"
    const pressed = isPressed(selection)
    for (const [name, isOn] of Object.entries(pressed)) {
      this.bar.querySelector(`[data-command=${name}]`).setAttribute("aria-pressed", String(isOn))
    }
    this.tableTools.hidden = !isInTable(view.state)
  }

  destroy() {
    this.listeners.abort()
  }

  #click(event) {
    const name = event.target.closest("button[data-command]")?.dataset.command
    if (!name || !this.view) return
    if (name === "link") return this.askForLink()
    COMMANDS[name](this.view.state, this.view.dispatch)
    if (event.detail) this.view.focus() // by mouse or finger; by keyboard the focus stays where it is
  }

  #pickStyle() {
    setKind(this.styles.value)(this.view.state, this.view.dispatch)
    this.view.focus()
  }

  #move(event) {
    const { items } = this
    const here = items.indexOf(event.target)
    if (here < 0) return
    const target = { Home: 0, End: items.length - 1 }[event.key] ?? here + (STEPS[event.key] ?? 0)
    const isOwnKey = event.key in STEPS || event.key === "Home" || event.key === "End"
    if (!isOwnKey) return
    event.preventDefault()
    items[(target + items.length) % items.length].focus()
  }

  #makeTabStop(item) {
    if (!item?.dataset.command) return
    for (const other of this.bar.querySelectorAll("[data-command]")) other.tabIndex = other === item ? 0 : -1
  }
}
