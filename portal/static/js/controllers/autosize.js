import { Controller } from "vendor/stimulus"

// A textarea as tall as its text, up to most of the window.
export default class extends Controller {
  connect() {
    this.element.addEventListener("input", this.#fit)
    this.#fit()
  }

  disconnect() {
    this.element.removeEventListener("input", this.#fit)
  }

  #fit = () => {
    const { style } = this.element
    style.blockSize = "auto"
    style.blockSize = `${Math.min(this.element.scrollHeight + 2, window.innerHeight * 0.7)}px`
  }
}
