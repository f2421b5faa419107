// What others typed, in the order of the server's log: what comes before the answer to `open` waits for it, and a gap
// that does not close by itself is told.
import { unframe } from "editor/framing"

export const GAP_WAIT = 1000 // ms: other workers' edits may overtake each other; asking sooner makes everybody re-open

export class Incoming {
  /** `isOpen()` says whether the document is; `onGap()` is called when something stayed away. */
  constructor({ copy, isOpen, onGap }) {
    Object.assign(this, { copy, isOpen, onGap })
    this.early = []
    this.gapTimer = null
  }

  /** `open` is asked: what came too early for the former answer is in the next one. */
  hold() {
    this.early = []
  }

  /** `open` is answered, and the copy is in step with the answer. */
  release() {
    for (const message of this.early.splice(0)) this.take(message)
  }

  take(message) {
    if (!this.isOpen()) return void this.early.push(message)
    const { from_seq: from, to_seq: to, updates } = message
    if (to <= this.copy.have) return
    if (from > this.copy.have + 1) return this.#gap()
    this.copy.apply(unframe(updates))
    this.copy.have = to
    this.stop()
  }

  /** Wait for no gap to close. */
  stop() {
    clearTimeout(this.gapTimer)
    this.gapTimer = null
  }

  #gap() {
    this.gapTimer ??= setTimeout(() => {
      this.gapTimer = null
      this.onGap()
    }, GAP_WAIT)
  }
}
