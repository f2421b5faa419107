// Drafts on this device, under the person's id: { "draft:7:thread:12": { at, fields } }. On a device that is not
// one's own they last a day, else a month; another person's are dropped as soon as somebody else is signed in.
const PREFIX = "draft:"
const HOUR = 3_600_000

export class Drafts {
  constructor(person, isOwnDevice, storage = window.localStorage) {
    this.prefix = `${PREFIX}${person}:`
    this.lasts = (isOwnDevice ? 30 * 24 : 24) * HOUR
    this.storage = storage
  }

  // False when the browser keeps nothing (private window, full).
  keep(place, fields) {
    try {
      this.storage.setItem(this.prefix + place, JSON.stringify({ at: Date.now(), fields }))
      return true
    } catch {
      return false
    }
  }

  find(place) {
    return this.#read(this.prefix + place)?.fields
  }

  drop(place) {
    this.storage.removeItem(this.prefix + place)
  }

  tidy() {
    for (const key of draftKeys(this.storage)) {
      if (!key.startsWith(this.prefix) || !this.#read(key)) this.storage.removeItem(key)
    }
  }

  #read(key) {
    try {
      const draft = JSON.parse(this.storage.getItem(key))
      return draft && Date.now() - draft.at < this.lasts ? draft : null
    } catch {
      return null
    }
  }
}

// At sign-out: nothing stays behind.
export function forgetDrafts(storage = window.localStorage) {
  draftKeys(storage).forEach((key) => storage.removeItem(key))
}

function draftKeys(storage) {
  return Object.keys(storage).filter((key) => key.startsWith(PREFIX))
}
