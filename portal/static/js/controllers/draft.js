import { Controller } from "vendor/stimulus"
import { Drafts } from "lib/drafts"
import { isOwnDevice, person } from "lib/page"

// Keeps what is being written on this device until it is posted: a lost line, a reload or an ended session loses
// nothing. What the server gave back in the form wins over what was kept.
export default class extends Controller {
  static targets = [ "field", "state" ]
  static values = { place: String }

  connect() {
    this.drafts = new Drafts(person(), isOwnDevice())
    this.drafts.tidy()
    this.#restore()
  }

  disconnect() {
    clearTimeout(this.timer)
  }

  keep() {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.#save, 300)
  }

  posted({ detail: { fetchResponse } }) {
    // A session that ended sends to sign in: that is no success, and the text waits here.
    if (!fetchResponse.succeeded || fetchResponse.location.pathname.startsWith("/sign-in")) return
    clearTimeout(this.timer)
    this.drafts.drop(this.placeValue)
  }

  #restore() {
    const kept = this.drafts.find(this.placeValue)
    if (!kept || this.fieldTargets.some((field) => field.value)) return
    for (const field of this.fieldTargets) {
      field.value = kept[field.name] ?? ""
      field.dispatchEvent(new Event("input"))
    }
    this.#say(true)
  }

  #save = () => {
    const fields = Object.fromEntries(this.fieldTargets.map(({ name, value }) => [ name, value ]))
    const isEmpty = Object.values(fields).every((value) => !value.trim())
    if (isEmpty) this.drafts.drop(this.placeValue)
    this.#say(!isEmpty && this.drafts.keep(this.placeValue, fields))
  }

  #say(isKept) {
    if (this.hasStateTarget) this.stateTarget.hidden = !isKept
  }
}
