import { Controller } from "vendor/stimulus"
import { person } from "lib/page"

// Puts a post that arrives in its place by number, without moving what is being read or written, and says that it
// came: politely to screen readers, and by a link at the foot of the window when its place is out of sight.
export default class extends Controller {
  static targets = [ "list", "pill", "count", "status" ]
  static values = { first: Number, last: Number, one: String, many: String }

  #waiting = new Map()

  initialize() {
    this.watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.#seen(entry)))
  }

  connect() {
    document.addEventListener("turbo:before-stream-render", this.#take)
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.#take)
    this.watcher.disconnect()
    this.#waiting.clear()
    this.#tell()
  }

  go(event) {
    const post = document.getElementById(this.pillTarget.hash.slice(1))
    if (!post) return // it stands on another page: the link leads there
    event.preventDefault()
    post.focus({ preventScroll: true })
    post.scrollIntoView({ block: "start" })
  }

  #take = (event) => {
    const stream = event.target
    if (stream.action === "append" && stream.target === this.listTarget.id) {
      event.detail.render = ({ templateContent }) => this.#arrive(templateContent.querySelector("[data-number]"))
    }
  }

  #arrive(post) {
    // The author's answer and the stream both bring it; a reconnect may bring it again.
    if (document.getElementById(post.id) || this.#waiting.has(post.id)) return
    const number = Number(post.dataset.number)
    const belongsHere = number >= this.firstValue && number <= this.lastValue
    if (belongsHere) this.#place(post, number)
    if (this.#isMine(post)) return this.#comeTo(post)

    if (!belongsHere || this.#isBelowTheWindow(post)) this.#waiting.set(post.id, belongsHere)
    if (belongsHere) this.watcher.observe(post)
    this.statusTarget.textContent = this.#words(Math.max(this.#waiting.size, 1))
    this.#tell()
  }

  #place(post, number) {
    const still = this.element.querySelector("form:focus-within") || this.#firstInSight()
    const before = still?.getBoundingClientRect().top
    const later = [ ...this.listTarget.querySelectorAll("[data-number]") ].find((one) => Number(one.dataset.number) > number)
    this.listTarget.insertBefore(post, later ?? null)
    if (still) window.scrollBy({ top: still.getBoundingClientRect().top - before, behavior: "instant" })
  }

  // The button that sent it is gone with its form: the focus goes to what was posted, not to nowhere.
  #comeTo(post) {
    if (!post.isConnected || document.activeElement !== document.body) return
    post.focus({ preventScroll: true })
    post.scrollIntoView({ block: "nearest" })
  }

  #firstInSight() {
    return [ ...this.listTarget.children ].find((child) => child.getBoundingClientRect().bottom > 0)
  }

  #isMine(post) {
    return post.dataset.authorId === person()
  }

  #isBelowTheWindow(post) {
    return post.getBoundingClientRect().top > window.innerHeight
  }

  #seen({ target, isIntersecting }) {
    if (!isIntersecting) return
    this.watcher.unobserve(target)
    if (this.#waiting.delete(target.id)) this.#tell()
  }

  #tell() {
    const [ first ] = this.#waiting
    this.pillTarget.hidden = !first
    if (!first) return
    const [ id, isHere ] = first
    this.pillTarget.href = isHere ? `#${id}` : `/boards/posts/${id.replace("post-", "")}`
    this.countTarget.textContent = this.#words(this.#waiting.size)
  }

  #words(count) {
    return count === 1 ? this.oneValue : this.manyValue.replace("{count}", count)
  }
}
