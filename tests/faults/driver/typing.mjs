// How a tab types: an editing trace in a paragraph of its own, whose text is known at every moment, and now and then
// a word that stands nowhere else into a paragraph in which everybody writes.
import { Y } from "vendor/editor"

const WORD_EVERY = 7 // strokes
const CARET_EVERY = 5

/** `label` begins the paragraph; `patches` [[position, deleted, inserted], ...] in UTF-16 units behind `start`. */
export class Typist {
  constructor({ tab, label, shared, start = "", patches, pause }) {
    Object.assign(this, { tab, label, shared, patches, pause })
    this.expected = label + start
    this.next = 0
    this.words = []
    this.timer = null
    this.failure = ""
  }

  begin() {
    const block = new Y.XmlElement("block")
    block.setAttribute("kind", "p")
    block.setAttribute("indent", 0)
    block.insert(0, [new Y.XmlText(this.expected)])
    this.tab.provider.fragment.push([block])
  }

  start() {
    this.timer ??= setTimeout(() => this.#go(), Math.random() * this.pause)
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
  }

  get text() {
    return this.#paragraph(this.label)
  }

  #go() {
    this.timer = setTimeout(() => this.#go(), this.pause * (0.5 + Math.random()))
    try {
      this.#stroke()
      if (this.next % WORD_EVERY === 0) this.#word()
      if (this.next % CARET_EVERY === 0) this.#showCaret()
    } catch (error) {
      this.stop()
      this.failure = error.message
    }
  }

  #stroke() {
    const [position, deleted, inserted] = this.patches[this.next++ % this.patches.length]
    const at = Math.min(position + this.label.length, this.expected.length)
    const gone = Math.min(deleted, this.expected.length - at)
    const { text } = this
    this.tab.doc.transact(() => {
      if (gone) text.delete(at, gone)
      if (inserted) text.insert(at, inserted)
    })
    this.caret = at + inserted.length
    this.expected = this.expected.slice(0, at) + inserted + this.expected.slice(at + gone)
  }

  #word() {
    const text = this.#paragraph(this.shared)
    const starts = [...text.toString().matchAll(/ /g)].map(({ index }) => index + 1)
    const word = `${this.label.slice(0, -1)}w${this.words.length}`
    text.insert(starts[Math.floor(Math.random() * starts.length)], `${word} `)
    this.words.push(word)
  }

  #showCaret() {
    const position = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, this.caret))
    this.tab.provider.sendPresence(position, position)
  }

  #paragraph(label) {
    const block = this.tab.provider.fragment.toArray().find((each) => each.get(0)?.toString().startsWith(label))
    if (!block) throw new Error(`could not type on: the paragraph "${label}" is gone`)
    return block.get(0)
  }
}
