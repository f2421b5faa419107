// Keeps the keyboard's place when the part of the page that has the focus is drawn anew: by an answer in a frame, or
// by a fragment for everybody. The first control of the new part takes the focus, unless the person has moved on; for a
// frame that came back empty, what its `data-then` selects.
const CONTROLS = "a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex]"

export class KeepFocus {
  #lostIn = null

  watch(root) {
    root.addEventListener("turbo:submit-start", ({ target }) => this.#note(target.closest("turbo-frame")))
    root.addEventListener("turbo:before-frame-render", ({ target }) => this.#note(target))
    root.addEventListener("turbo:frame-render", ({ target }) => this.#restore(target))
    root.addEventListener("turbo:before-stream-render", (event) => this.#aroundStream(event))
  }

  #aroundStream({ detail }) {
    const { render, newStream } = detail
    detail.render = async (stream) => {
      const isWhole = !newStream.target && !newStream.targets // a refresh is of the page; asking for its parts throws
      if (!isWhole) for (const part of newStream.targetElements) this.#note(part)
      await render(stream)
      this.#restore()
    }
  }

  #note(part) {
    if (part?.id && part.contains(document.activeElement)) this.#lostIn = part.id
  }

  // A frame that was put in empty gets its controls later, and a button is disabled while its form is on the way and
  // would not take the focus: this is asked again when the new part is there.
  #restore(frame = null) {
    if (this.#lostIn === null) return
    if (document.activeElement && document.activeElement !== document.body) return void (this.#lostIn = null)
    const part = document.getElementById(this.#lostIn)
    const isEmptied = part !== null && part === frame && Boolean(part.dataset.then)
    const control = part?.querySelector(CONTROLS) ?? (isEmptied ? document.querySelector(part.dataset.then) : null)
    if (!control || control.disabled) return
    control.focus({ preventScroll: true })
    this.#lostIn = null
  }
}
