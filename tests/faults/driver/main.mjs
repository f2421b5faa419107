// Several tabs in one process, told what to do by lines of JSON on stdin: {id, do, ...}; answers {id, answer} or
// {id, error}. tests/faults/typists.py is the other end.
import { createInterface } from "node:readline"
import { Typist } from "./typing.mjs"
import { Tab, tabs } from "./tabs.mjs"
import { unlike, verdict } from "./verdict.mjs"

// What the portal's modules find in a browser. A page of a tab that was reloaded finds out anew what its network lets
// through: that only takes longer.
globalThis.sessionStorage = { getItem: () => null, setItem: () => {} }

const typists = new Map()

const answers = {
  /** One origin for all. */
  begin({ origin }) {
    globalThis.location = { origin }
  },

  /** The first tab makes the paragraph in which everybody writes. */
  async join({ name, cookies, isPolling, documentId, shared, isFirst, ...how }) {
    const tab = new Tab({ name, origin: location.origin, cookies, isPolling, documentId })
    await tab.open()
    const typist = new Typist({ tab, shared, ...how })
    typists.set(name, typist)
    if (isFirst) new Typist({ tab, label: shared }).begin()
    typist.begin()
  },

  type() {
    for (const typist of typists.values()) typist.start()
  },

  hush() {
    for (const typist of typists.values()) typist.stop()
  },

  /** The tab is closed and the page opened anew, in the same browser. */
  async close({ name }) {
    typists.get(name).stop()
    typists.get(name).tab.close()
  },

  async reopen({ name }) {
    await typists.get(name).tab.open()
    typists.get(name).start()
  },

  /** `resumed` see ledger.mjs. */
  status({ since = 0 }) {
    return [...typists.values()].map(({ tab, next }) => ({
      name: tab.name,
      strokes: next,
      acknowledged: tab.ledger.saved.length,
      waiting: tab.ledger.unsaved.length + (tab.provider.pending ? 1 : 0),
      resumed: tab.ledger.resumed(since),
      transport: tab.transport,
      line: tab.provider.line,
      words: tab.words,
      lies: tab.lies,
      refusals: tab.refusals,
      server: tab.jar.cookies.get("portal_server"),
    }))
  },

  /** The names of the tabs that do not hold what the first holds. */
  unlike() {
    const all = [...typists.values()].map(({ tab }) => tab)
    return unlike(all, all[0])
  },

  async verdict({ cookies, documentId }) {
    const fresh = new Tab({ name: "fresh", origin: location.origin, cookies, documentId })
    await fresh.open()
    const found = verdict([...typists.values()], fresh)
    fresh.close()
    return found
  },

  leave() {
    for (const typist of typists.values()) typist.stop()
    for (const tab of [...tabs.values()]) tab.close()
    typists.clear()
  },
}

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, do: name, ...rest } = JSON.parse(line)
  try {
    say({ id, answer: (await answers[name](rest)) ?? null })
  } catch (error) {
    say({ id, error: error.stack ?? String(error) })
  }
}).on("close", () => process.exit())
