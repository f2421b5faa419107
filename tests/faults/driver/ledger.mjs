// What one tab numbered and what it was told is saved, beside the edits "kept on its device", which outlive a page.
import { Y } from "vendor/editor"
import { FakeStore } from "../../js/server.mjs"

export class Ledger extends FakeStore {
  edits = new Map() // "key/n" -> {key, n, client, to, made, saved, handedBack}

  put(key, edit, ...more) {
    const { from, to } = Y.parseUpdateMeta(edit.update)
    const [client] = [...from.keys()] // none for an edit that only deletes
    const known = this.edits.get(`${key}/${edit.n}`)
    const made = known?.made ?? edit.at
    this.edits.set(`${key}/${edit.n}`, { key, n: edit.n, client, to: to.get(client), made, saved: null })
    return super.put(key, edit, ...more)
  }

  drop(key, n, ...more) {
    const now = Date.now()
    for (const edit of this.edits.values()) {
      if (edit.key !== key || edit.n > n || edit.saved || edit.handedBack) continue
      if (n === Infinity) edit.handedBack = now
      else edit.saved = now
    }
    return super.drop(key, n, ...more)
  }

  get saved() {
    return [...this.edits.values()].filter((edit) => edit.saved)
  }

  get unsaved() {
    return [...this.edits.values()].filter((edit) => !edit.saved && !edit.handedBack)
  }

  get handedBack() {
    return [...this.edits.values()].filter((edit) => edit.handedBack)
  }

  /** When all that was made before `since`, and something made later, was saved, in ms since 1970; null until then. */
  resumed(since) {
    const early = [...this.edits.values()].filter(({ made }) => made < since)
    const late = this.saved.filter(({ made }) => made >= since)
    if (!late.length || early.some(({ saved }) => !saved)) return null
    return Math.max(Math.min(...late.map(({ saved }) => saved)), ...early.map(({ saved }) => saved))
  }

  /** The clock up to which this Yjs client's structs are saved. */
  clockOf(client) {
    return Math.max(0, ...this.saved.filter((edit) => edit.client === client).map(({ to }) => to))
  }
}
