// The words about saving under the text, and what a screen reader hears of them: that the line broke, that it stayed
// slow, that all is saved again, and that this person can write no more, or again.
import { clock, savingState } from "editor/saving"
import { say } from "editor/wording"

const SLOW_AFTER = 4000 // ms without `saved`: worth saying aloud
const TROUBLES = new Set(["offline", "late", "slow", "signed", "outdated", "gone"])
const STANDINGS = new Set(["read", "freezing", "frozen", "unreadable"])

export class StateLine {
  constructor({ line, actions, announcements, words }) {
    Object.assign(this, { line, actions, announcements, words, said: null, isTroubled: false })
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

  #announce(name, sentence, { waitingSince }) {
    const isSlow = name === "saving" && waitingSince !== null && Date.now() - waitingSince > SLOW_AFTER
    const kind = isSlow ? "slow" : name.split("_")[0]
    if (kind === "connecting" || kind === "saving" || kind === this.said) return
    const isNews = TROUBLES.has(kind) || this.isTroubled || (STANDINGS.has(kind) && this.said !== null)
    const isBack = kind === "saved" && STANDINGS.has(this.said)
    this.said = kind
    this.isTroubled = TROUBLES.has(kind)
    if (isNews || isBack) this.announcements.say(sentence)
  }
}
