import { Controller } from "vendor/stimulus"
import { isOwnDevice, person } from "lib/page"
import { patiently } from "lib/patiently"

const modules = () => Promise.all([import("editor/mount"), import("lib/socket")])

// A shared text: reads until its editor is loaded and in step with the server, then writes.
export default class extends Controller {
  static targets = [
    "tools", "reading", "surface", "notice", "rescues", "rescueForm", "toRescues", "state", "action", "here", "figure", "gauge", "announcer",
    "help", "linkDialog",
  ]
  static values = { id: Number, role: String, label: String, rule: String, unit: String, limit: Number, words: Object }

  connect() {
    clearTimeout(this.leaving) // Turbo lifts a permanent element out of the page and puts it back in one go
    // After the former has left: its "close" would end the new one's place at the server.
    this.opening ??= Promise.resolve(this.left).then(() => this.#open()).catch((error) => this.#failed(error))
  }

  disconnect() {
    this.leaving = setTimeout(() => {
      this.left = this.opening?.then((mounted) => mounted?.close())
      this.opening = null
    })
  }

  reload() {
    location.reload()
  }

  /** Somebody's rescued words, from the panel above (controllers/rescued.js). */
  async insertRescued({ detail }) {
    const mounted = await this.opening
    if (mounted) await mounted.insertRescued(detail)
    else detail.refuse()
  }

  async #open() {
    const reader = Number(person())
    if (!reader || !this.idValue) return null
    this.#showReading()
    this.#sayLoading()
    const [{ MountedDocument }, { socket }] = await patiently(modules)
    const mounted = new MountedDocument({ parts: this.#parts(), settings: this.#settings(reader), socket: socket("/doc") })
    await mounted.open()
    return mounted
  }

  // Without scripts the page says only "To read"; "Text as of" stays until the editor knows better.
  #sayLoading() {
    if (this.roleValue !== "write" || this.stateTarget.querySelector("time")) return
    this.stateTarget.textContent = this.wordsValue.loading
  }

  #failed(error) {
    console.error("the editor was not loaded", error)
    this.stateTarget.textContent = this.wordsValue.not_loaded
    return null
  }

  // A page from the browser's history may hold a text that was mounted once and belongs to nobody now.
  #showReading() {
    this.surfaceTarget.replaceChildren()
    this.surfaceTarget.hidden = this.toolsTarget.hidden = this.helpTarget.hidden = true
    this.readingTarget.hidden = false
  }

  #parts() {
    const names = this.constructor.targets.filter((name) => name !== "action" && name !== "gauge")
    const parts = Object.fromEntries(names.map((name) => [name, this[`${name}Target`]]))
    return { ...parts, actions: this.actionTargets, gauge: this.hasGaugeTarget ? this.gaugeTarget : null }
  }

  #settings(reader) {
    return {
      documentId: this.idValue,
      role: this.roleValue,
      label: this.labelValue,
      rule: this.ruleValue,
      unit: this.unitValue,
      limit: this.hasLimitValue ? this.limitValue : null,
      words: this.wordsValue,
      person: reader,
      isOwnDevice: isOwnDevice(),
    }
  }
}
