// What a person typed and the server did not take: shown with the reason, to copy and put back by hand.
import { say } from "editor/wording"

export class RescuePanel {
  /** `panel` holds a [data-rescue=reason], a textarea and two buttons, [data-rescue=copy] and [data-rescue=dismiss]. */
  constructor({ panel, words, announcements }) {
    Object.assign(this, { panel, words, announcements })
    this.area = panel.querySelector("textarea")
    this.reason = panel.querySelector("[data-rescue=reason]")
    this.copied = panel.querySelector("[data-rescue=copied]")
    this.listeners = new AbortController()
    const on = (name, listener) =>
      panel.querySelector(`[data-rescue=${name}]`).addEventListener("click", listener, { signal: this.listeners.signal })
    on("copy", () => this.#copy())
    on("dismiss", () => this.#dismiss())
  }

  show({ text, code, message }) {
    this.area.value = this.area.value ? `${this.area.value}\n\n${text}` : text
    this.reason.textContent = message || say(this.words, code === "reset" ? "rescue_reset" : "rescue_refused")
    this.copied.textContent = ""
    this.panel.hidden = false
    this.announcements.say(say(this.words, "rescue_title"))
  }

  destroy() {
    this.listeners.abort()
  }

  async #copy() {
    this.area.select()
    try {
      await navigator.clipboard.writeText(this.area.value)
      this.copied.textContent = say(this.words, "copied")
    } catch {
      this.area.focus() // no permission: it is selected, and the keys of the person's own system copy it
    }
  }

  #dismiss() {
    this.area.value = ""
    this.panel.hidden = true
  }
}
