import { Controller } from "vendor/stimulus"

// A select of time zones in which nothing is chosen yet: choose the zone of this browser, to be confirmed by its person.
export default class extends Controller {
  connect() {
    if (this.element.value !== "") return
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const offered = Array.from(this.element.options).some((option) => option.value === zone)
    if (offered) this.element.value = zone
  }
}
