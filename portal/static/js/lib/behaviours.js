// Loads a controller when its name is first seen on the page: data-controller="copy" imports "controllers/copy",
// "document--tools" imports "controllers/document/tools". The same for the custom elements below.
import { patiently } from "lib/patiently"

const ELEMENTS = { "portal-stream": "lib/portal-stream" }

export class Behaviours {
  #asked = new Set()

  constructor(application, root) {
    this.application = application
    this.root = root
  }

  watch() {
    this.#load(this.root)
    const observer = new MutationObserver((changes) => changes.forEach((change) => this.#changed(change)))
    observer.observe(this.root, { subtree: true, childList: true, attributeFilter: [ "data-controller" ] })
  }

  #changed({ type, target, addedNodes }) {
    if (type === "attributes") return this.#names(target)
    for (const node of addedNodes) {
      if (node.nodeType === Node.ELEMENT_NODE) this.#load(node)
    }
  }

  #load(root) {
    const found = [ ...root.querySelectorAll("[data-controller]") ]
    if (root.matches?.("[data-controller]")) found.push(root)
    found.forEach((element) => this.#names(element))

    for (const [ tag, module ] of Object.entries(ELEMENTS)) {
      if (root.localName === tag || root.querySelector(tag)) this.#once(module, () => {})
    }
  }

  #names(element) {
    for (const name of element.dataset.controller?.split(/\s+/) ?? []) {
      if (!name) continue
      this.#once(`controllers/${name.replaceAll("--", "/")}`, ({ default: controller }) => {
        this.application.register(name, controller)
      })
    }
  }

  async #once(module, ready) {
    if (this.#asked.has(module)) return
    this.#asked.add(module)
    try {
      ready(await patiently(() => import(module)))
    } catch (error) {
      this.#asked.delete(module) // the next element of this name tries again
      console.error(`${module} was not loaded`, error)
    }
  }
}
