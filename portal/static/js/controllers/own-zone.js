import { Controller } from "vendor/stimulus"
import { city, readerZone } from "lib/times"

// Names the zone that times on this page are in, and proposes it to be confirmed. Without scripts that is UTC.
export default class extends Controller {
  static targets = [ "name", "field" ]
  static values = { words: String }

  connect() {
    const zone = readerZone().replace(/^Etc\/.*/, "UTC")
    for (const field of this.fieldTargets) field.value = zone
    for (const name of this.nameTargets) name.textContent = zone
    if (this.hasWordsValue) this.element.textContent = this.wordsValue.replace("{city}", city(zone))
  }
}
