// The words about saving under the text, and what a screen reader hears of them: only that the line broke, that it
// stayed slow, and that all is saved again.
import { clock, savingState } from "editor/saving"
import { say } from "editor/wording"

const SLOW_AFTER = 4000 // ms without `saved`: worth saying aloud

export class StateLine {
  constructor({ line, actions, announcements, words }) {
    Object.assign(this, { line, actions, announcements, words, isTroubled: false })
  }

  show(provider) {
    const { name, values, tone } = savingState(provider)
    const sentence = say(this.words, name, values?.at ? { time: clock(values.at) } : values)
    this.#announce(name, sentence, provider)
    if (this.line.textContent !== sentence) this.line.textContent = sentence
    this.line.classList.toggle("waiting", tone === "waiting")
    this.line.classList.toggle("away", tone === "away")
    for (const action of this.actions) action.hidden = action.dataset.when !== name
  }

  #announce(name, sentence, { waitingSince, ended }) {
    const isSlow = name === "saving" && waitingSince !== null && Date.now() - waitingSince > SLOW_AFTER
    const kind = ended || name.split("_")[0]
    if (kind === this.said && !isSlow) return
    if (kind === "offline" || kind === "late" || ended || isSlow) {
      if (isSlow && this.said === "slow") return
      this.said = isSlow ? "slow" : kind
      this.isTroubled = true
      this.announcements.say(sentence)
    } else if (kind === "saved" && this.isTroubled) {
      this.isTroubled = false
      this.said = kind
      this.announcements.say(sentence)
    }
  }
}
