// What a person typed and the text does not hold: a panel for each, with the reason, to put back, hand in, copy or let
// go. The device keeps it till one of these is done.
import { isForOthers } from "editor/hand-in"
import { say } from "editor/wording"

const TITLES = { removed: "rescue_removed_title" }
const REASONS = { removed: "rescue_removed", reset: "rescue_reset", not_found: "rescue_too_late", forbidden: "rescue_too_late" }

class RescuePanel {
  constructor(panel, { rescue, words, act }) {
    Object.assign(this, { panel, rescue, words })
    this.area = this.part("text")
    this.status = this.part("status")
    this.area.value = rescue.text
    this.part("title").textContent = say(words, TITLES[rescue.code] ?? "rescue_title")
    const reason = REASONS[rescue.code]
    this.part("reason").textContent = reason ? say(words, reason) : rescue.message || say(words, "rescue_refused")
    this.#label()
    for (const name of ["insert", "hand-in", "copy", "drop"]) this.part(name).addEventListener("click", () => act(name, this))
  }

  part(name) {
    return this.panel.querySelector(`[data-rescue=${name}]`)
  }

  allow({ insert, handIn }) {
    if (this.isFinished) return
    this.part("insert").hidden = !insert
    this.part("hand-in").hidden = !handIn || !isForOthers(this.rescue)
  }

  focus() {
    this.panel.querySelector("button:not([hidden])").focus()
  }

  /** While the server is asked; nobody hands in twice. */
  wait(isWaiting) {
    this.part("hand-in").disabled = isWaiting
    this.status.textContent = isWaiting ? say(this.words, "handing_in") : ""
  }

  refuse(sentence) {
    this.wait(false)
    this.status.textContent = sentence
    this.part("hand-in").focus()
  }

  /** The words are somebody else's to decide about now. */
  finish(sentence, url) {
    this.isFinished = true
    this.part("title").textContent = say(this.words, "handed_in_title")
    this.part("reason").textContent = sentence
    for (const part of [this.area, this.status, ...["insert", "hand-in", "copy"].map((name) => this.part(name))]) part.remove()
    this.part("drop").textContent = say(this.words, "close")
    const link = this.part("link")
    if (url) link.href = url
    link.hidden = !url
    this.focus()
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
   * `place` takes the panels, made from `form`; `link` is a button that leads there from the foot of a long text;
   * `insert(rescue)` puts one into the text and answers whether all of it went in, `handIn(rescue)` promises the
   * server's answer, `release(rescue)` lets the device forget it, `leave()` takes the focus when the last panel goes.
   */
  constructor({ place, form, link, words, announcements, ...deeds }) {
    Object.assign(this, { place, form, link, words, announcements, deeds, panels: [], allowed: {} })
    this.listeners = new AbortController()
    link.addEventListener("click", () => this.#unfinished()[0].area.focus(), { signal: this.listeners.signal })
  }

  /** `rescue` is {id, text, code, message, updates}. */
  show(rescue) {
    const panel = this.form.content.firstElementChild.cloneNode(true)
    const shown = new RescuePanel(panel, { rescue, words: this.words, act: (name, on) => this.#act(name, on) })
    shown.allow(this.allowed)
    this.panels.push(shown)
    this.place.append(panel)
    this.#lead()
    this.announcements.tell(say(this.words, rescue.code === "removed" ? "rescue_removed_said" : "rescue_said"))
  }

  /** What can be done now: `insert`, the text can be written in; `handIn`, it cannot, and the server can be asked. */
  allow(allowed) {
    this.allowed = allowed
    for (const panel of this.panels) panel.allow(allowed)
  }

  destroy() {
    this.listeners.abort()
    this.place.replaceChildren()
    this.link.hidden = true
    this.panels = []
  }

  #act(name, panel) {
    if (name === "copy") return panel.copy()
    if (name === "hand-in") return this.#handIn(panel)
    if (name === "insert" && !this.deeds.insert(panel.rescue)) return // a part was too much: the panel has it still
    this.deeds.release(panel.rescue)
    this.#remove(panel)
  }

  async #handIn(panel) {
    panel.wait(true)
    const { ok, message, url } = await this.deeds.handIn(panel.rescue)
    if (!ok) return panel.refuse(message ?? say(this.words, "not_handed_in"))
    this.deeds.release(panel.rescue)
    panel.finish(message ?? say(this.words, "handed_in"), url)
    this.#lead()
  }

  #unfinished() {
    return this.panels.filter(({ isFinished }) => !isFinished)
  }

  // The foot leads to words that are still here, not to what became of others.
  #lead() {
    this.link.hidden = !this.#unfinished().length
  }

  #remove(panel) {
    const hadFocus = panel.panel.contains(document.activeElement)
    this.panels = this.panels.filter((other) => other !== panel)
    panel.panel.remove()
    this.#lead()
    if (!hadFocus) return
    if (this.panels.length) this.panels[0].focus()
    else this.deeds.leave()
  }
}
