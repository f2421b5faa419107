// The smallest event emitter: EventTarget would wrap every message in an Event.
export class Emitter {
  #listeners = new Map()

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set())
    this.#listeners.get(event).add(listener)
  }

  off(event, listener) {
    this.#listeners.get(event)?.delete(listener)
  }

  emit(event, ...details) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...details)
  }
}
