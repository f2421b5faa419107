// When a text is kept on the device: only while nothing in it waits for the server, so that what is kept is the
// server's own text up to a place in its log, and never words that it may refuse.
import { Y } from "vendor/editor"

export const KEEP_EVERY = 5000 // ms

export class Keeping {
  /** `texts` see opened-texts.js. */
  constructor({ copy, texts }) {
    Object.assign(this, { copy, texts, timer: null, kept: "" })
  }

  /** Begin with what is kept; it counts for nothing till the server has said of which epoch it is. */
  async recall() {
    const found = await this.texts.recall()
    if (!found) return
    try {
      this.copy.adopt(found)
      this.kept = this.#place()
    } catch (error) {
      await this.texts.drop()
      throw error // half of it may be in the text: the next page begins without
    }
  }

  /** Something came or was acknowledged. */
  touch() {
    this.timer ??= setTimeout(() => this.now(), KEEP_EVERY)
  }

  now() {
    this.stop()
    const { copy } = this
    if (copy.pending || copy.have < 0 || this.#place() === this.kept) return
    this.kept = this.#place()
    this.texts.keep({ state: Y.encodeStateAsUpdate(copy.doc), epoch: copy.epoch, seq: copy.have })
  }

  /** The text was set back, or held what was refused. */
  drop() {
    this.stop()
    this.kept = ""
    this.texts.drop()
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
  }

  #place() {
    return `${this.copy.epoch}:${this.copy.have}`
  }
}
