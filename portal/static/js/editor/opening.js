// Asks the server to `open` a document until it answers. What earlier pages left goes first, each under its own key;
// the page's own key comes last and stays.
import { SLOW_AFTER } from "editor/connection"
import { unframe } from "editor/framing"
import { SCHEMA_VERSION } from "editor/schema"

export const PROTOCOL = 1
const RETRY_AFTER = 2000
const MOST_PATIENCE = 30_000 // ms for an answer to `open`: on a slow machine asking again and again makes it slower
const BODY_WITHIN = 120_000

const readBody = (url) => fetch(url, { signal: AbortSignal.timeout(BODY_WITHIN) })

export class Opening {
  /**
   * `changes` emits `change` when an outbox may have become empty; `read(url)` answers a Response. `beginning()` is
   * called at the start, `asking()` before each question, then `opened(answer, seq, updates)` or `refused(error)`.
   */
  constructor({ connection, copy, changes, read = readBody, beginning, asking, opened, refused }) {
    Object.assign(this, { connection, copy, changes, read, beginning, asking, opened, refused })
    this.run = 0 // a later one makes the answers to an earlier one void
    this.patience = SLOW_AFTER
    this.isAsking = false
    this.active = null // the outbox under whose key the document is open
  }

  async begin() {
    const run = ++this.run
    this.beginning()
    clearTimeout(this.retryTimer)
    for (const outbox of [...this.copy.left]) {
      if (!(await this.#open(outbox, run))) return
      await this.#drained(outbox, run)
      if (run !== this.run) return
    }
    await this.#open(this.copy.outbox, run)
  }

  /** Begin once more in `wait` ms, unless there is no line then. */
  beginAgain(wait) {
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => this.connection.isConnected && this.begin(), wait)
  }

  /** The answer to what was asked is not waited for any more. */
  cancel() {
    this.run++
  }

  stop() {
    this.cancel()
    clearTimeout(this.retryTimer)
  }

  #drained(outbox, run) {
    return new Promise((resolve) => {
      const look = () => {
        if (!outbox.isEmpty && run === this.run) return
        this.changes.off("change", look)
        this.copy.release(outbox)
        resolve()
      }
      this.changes.on("change", look)
      look()
    })
  }

  async #open(outbox, run) {
    this.isAsking = true
    this.active = outbox
    this.asking()
    const answer = await this.#ask(outbox.key)
    if (run !== this.run) return false
    this.isAsking = false
    if (!answer.ok) return this.#notOpened(answer.error)
    try {
      const { seq, updates } = await this.#body(answer)
      if (run !== this.run) return false
      this.patience = SLOW_AFTER
      this.opened(answer, seq, updates)
      return true
    } catch {
      if (run === this.run) this.beginAgain(RETRY_AFTER)
      return false
    }
  }

  async #ask(clientKey) {
    const { have, epoch } = this.copy
    const question = { proto: PROTOCOL, schema: SCHEMA_VERSION, since: have, epoch, client_key: clientKey }
    try {
      return await this.connection.ask("open", question, this.patience)
    } catch {
      this.patience = Math.min(2 * this.patience, MOST_PATIENCE)
      return { ok: false, error: { code: "silent" } }
    }
  }

  async #body({ seq, body, url }) {
    if (!url) return { seq, updates: unframe(body) }
    const { have, epoch } = this.copy
    const response = await this.read(have < 0 ? url : `${url}&since=${have}&epoch=${epoch}`)
    if (!response.ok) throw new Error(`the document's state was answered with ${response.status}`)
    return { seq: Number(response.headers.get("Portal-Seq")), updates: unframe(await response.arrayBuffer()) }
  }

  #notOpened(error) {
    this.refused(error)
    return false
  }
}
