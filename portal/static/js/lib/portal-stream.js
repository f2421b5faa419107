// <portal-stream name="thread:12">: what others do appears on this page. `presence` asks for the count of readers.
// It draws nothing and announces nothing; Turbo applies the fragments that the server made.
import { renderStreamMessage } from "vendor/turbo"
import { madeAt } from "lib/page"
import { Place } from "lib/place"
import { socket } from "lib/socket"
import { Subscription } from "lib/subscription"
import { keepUnsavedFields } from "lib/unsaved-fields"

const REFRESH = '<turbo-stream action="refresh" method="morph" scroll="preserve"></turbo-stream>'
const ADDING = new Set([ "append", "prepend", "before", "after" ])
const subscriptions = new Map()

class PortalStream extends HTMLElement {
  connectedCallback() {
    clearTimeout(this.leaving) // moved within the page
    if (!this.name) return
    this.subscription = subscriptionTo(this.name)
    this.subscription.begin(this, this.#place, pageMadeAt())
  }

  // Later, because Turbo puts the next page's element in before or after it takes this one out.
  disconnectedCallback() {
    const { subscription } = this
    this.leaving = setTimeout(() => {
      if (subscription?.end(this)) subscriptions.delete(subscription.name)
    })
  }

  get name() {
    return this.getAttribute("name")
  }

  get wantsPresence() {
    return this.hasAttribute("presence")
  }

  note({ generation, seq }) {
    if (generation === null) return
    this.setAttribute("generation", generation)
    this.setAttribute("since", seq)
  }

  get #place() {
    if (!this.hasAttribute("generation")) return new Place()
    return new Place(this.getAttribute("generation"), Number(this.getAttribute("since")))
  }
}

function subscriptionTo(name) {
  if (!subscriptions.has(name)) {
    const refresh = () => renderStreamMessage(REFRESH)
    subscriptions.set(name, new Subscription({ name, socket: socket("/"), show: renderStreamMessage, refresh }))
  }
  return subscriptions.get(name)
}

function pageMadeAt() {
  const made = madeAt()
  return made ? Number(made) : null
}

// The author has the answer to the form already: what is on the page is not added again.
document.addEventListener("turbo:before-stream-render", (event) => {
  const { action, templateElement } = event.detail.newStream
  if (!ADDING.has(action)) return
  const elements = [ ...templateElement.content.children ]
  if (elements.length && elements.every(({ id }) => id && document.getElementById(id))) event.preventDefault()
})

keepUnsavedFields(document)
customElements.define("portal-stream", PortalStream)
