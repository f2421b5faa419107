// What a person typed and the text does not hold: a panel for each, with the reason, to put back, copy or let go.
import { say } from "editor/wording"

const TITLES = { removed: "rescue_removed_title" }
const REASONS = { removed: "rescue_removed", reset: "rescue_reset" }

class RescuePanel {
  constructor(panel, { rescue, words, act }) {
    Object.assign(this, { panel, rescue, words })
    this.area = this.part("text")
    this.status = this.part("status")
    this.area.value = rescue.text
    this.part("title").textContent = say(words, TITLES[rescue.code] ?? "rescue_title")
    this.part("reason").textContent = rescue.message || say(words, REASONS[rescue.code] ?? "rescue_refused")
    this.#label()
    for (const name of ["insert", "copy", "drop"]) this.part(name).addEventListener("click", () => act(name, this))
  }

  part(name) {
    return this.panel.querySelector(`[data-rescue=${name}]`)
  }

  allow({ insert }) {
    this.part("insert").hidden = !insert
  }

  focus() {
    this.panel.querySelector("button:not([hidden])").focus()
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.area.value)
      this.status.textContent = say(this.words, "copied")
    } catch {
      this.area.focus() // no permission: it is selected, and the keys of the person's own system copy it
      this.area.select()
    }
  }

  #label() {
    const title = this.part("title")
    title.id = `rescue-${this.rescue.id}`
    for (const labelled of [this.panel, this.area]) labelled.setAttribute("aria-labelledby", title.id)
  }
}

export class RescuePanels {
  /**
   * `place` takes the panels, made from `form`; `insert(rescue)` puts one into the text, `leave()` takes the focus
   * when the last panel goes.
   */
  constructor({ place, form, words, announcements, insert, leave }) {
    Object.assign(this, { place, form, words, announcements, insert, leave, panels: [], allowed: {} })
  }

  /** `rescue` is {id, text, code, message}. */
  show(rescue) {
    const panel = this.form.content.firstElementChild.cloneNode(true)
    const shown = new RescuePanel(panel, { rescue, words: this.words, act: (name, on) => this.#act(name, on) })
    shown.allow(this.allowed)
    this.panels.push(shown)
    this.place.append(panel)
    this.announcements.tell(say(this.words, rescue.code === "removed" ? "rescue_removed_said" : "rescue_said"))
  }

  /** `insert`: the text can be written in now. */
  allow(allowed) {
    this.allowed = allowed
    for (const panel of this.panels) panel.allow(allowed)
  }

  destroy() {
    this.place.replaceChildren()
    this.panels = []
  }

  #act(name, panel) {
    if (name === "copy") return panel.copy()
    this.#remove(panel)
    if (name === "insert") this.insert(panel.rescue)
  }

  #remove(panel) {
    const hadFocus = panel.panel.contains(document.activeElement)
    this.panels = this.panels.filter((other) => other !== panel)
    panel.panel.remove()
    if (!hadFocus) return
    if (this.panels.length) this.panels[0].focus()
    else this.leave()
  }
}
