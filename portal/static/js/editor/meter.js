// The count under the text: "412 of 500 words", or "502 of 500, 2 over"; passing the limit is announced once.
import { count } from "editor/counting"
import { plainText } from "editor/text"
import { number, say } from "editor/wording"

const WAIT = 150 // ms: counting a long text at every key would be felt

export class Meter {
  /** `limit` is a whole number or null; `unit` "words" or "chars"; `gauge` an svg with one rect, 100 wide. */
  constructor({ figure, gauge, rule, unit, limit, words, announcements }) {
    Object.assign(this, { figure, gauge, rule, unit, limit, words, announcements, isOver: null, timer: null })
  }

  /** Count soon. */
  touch(doc) {
    this.doc = doc
    this.timer ??= setTimeout(() => this.show(this.doc), WAIT)
  }

  show(doc) {
    clearTimeout(this.timer)
    this.timer = null
    const found = count(this.rule, plainText(doc))
    this.#write(found)
    this.#fill(found)
    this.#announce(found)
  }

  #write(found) {
    const over = this.limit === null ? 0 : found - this.limit
    const name = this.limit === null ? `count_${this.unit}` : over > 0 ? "count_over" : `count_of_${this.unit}`
    const sentence = say(this.words, name, { limit: this.limit, over, count: this.limit === null ? found : "\u0000" })
    const bold = document.createElement("b")
    bold.textContent = number(found)
    const [before, after] = sentence.split("\u0000")
    this.figure.replaceChildren(...(after === undefined ? [sentence] : [before, bold, after]))
    this.figure.classList.toggle("over", over > 0)
  }

  #fill(found) {
    if (!this.gauge) return
    this.gauge.querySelector("rect").setAttribute("width", Math.min(100, (100 * found) / this.limit).toFixed(1))
    this.gauge.classList.toggle("over", found > this.limit)
  }

  #announce(found) {
    const isOver = this.limit !== null && found > this.limit
    if (this.isOver === false && isOver) {
      this.announcements.say(say(this.words, "passed_limit", { limit: this.limit, over: found - this.limit }))
    }
    this.isOver = isOver
  }
}
