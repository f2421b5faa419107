import { Controller } from "vendor/stimulus"
import { city, happened, hourForReader, localTime, readerZone } from "lib/times"

// Says a time in the reader's zone, where the server rendered for everybody.
// happened: the text becomes the reader's time. beside: the reader's hour stands beside a time in its own zone.
export default class extends Controller {
  static values = { style: { type: String, default: "beside" }, moment: String, zone: String, words: String }

  connect() {
    const moment = new Date(this.momentValue || this.element.dateTime)
    if (Number.isNaN(moment.getTime())) return
    if (this.styleValue === "happened") this.#happened(moment)
    else this.#beside(moment)
  }

  #happened(moment) {
    const zone = readerZone()
    this.element.textContent = happened(moment, zone)
    this.element.title = `${localTime(moment, zone)}, ${city(zone)}`
  }

  #beside(moment) {
    const zone = readerZone()
    const hour = hourForReader(moment, this.zoneValue || "UTC", zone)
    const words = this.wordsValue || "{when} {city}"
    this.element.textContent = hour && words.replace("{when}", hour).replace("{city}", city(zone))
  }
}
