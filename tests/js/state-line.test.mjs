// What a screen reader hears of the line: that it broke, that it stayed slow, that all is well again, and of the right
// to write. Never each state that passes.
import assert from "node:assert/strict"
import test, { afterEach, beforeEach, mock } from "node:test"
import { Announcements } from "editor/announcements"
import { StateLine } from "editor/state-line"

const WORDS = Object.fromEntries(
  ["saved", "saving", "offline", "offline_unkept", "signed_out", "read_only", "frozen", "late", "connecting"].map((name) => [name, name]),
)
WORDS.offline_changes = "offline {count}"

globalThis.document ??= { documentElement: { lang: "en" } } // all that the wording asks of a page
let said, line
const still = { line: "open", ended: "", role: "write", standing: "open", pending: 0, remembered: 0, savedAt: null, waitingSince: null }

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 })
  said = []
  const element = { textContent: "", classList: { toggle() {} } }
  line = new StateLine({ line: element, actions: [], words: WORDS, announcements: { say: (sentence) => said.push(sentence) } })
})

afterEach(() => mock.timers.reset())

const show = (change) => line.show({ ...still, ...change })

test("typing and saving are not spoken of", () => {
  show({})
  show({ pending: 1, waitingSince: Date.now() })
  show({})
  assert.deepEqual(said, [])
})

test("no answer for four seconds is said once, and that all is saved again", () => {
  const slow = { pending: 1, waitingSince: Date.now() }
  show(slow)
  mock.timers.tick(3900)
  show(slow)
  assert.deepEqual(said, [])
  mock.timers.tick(200)
  show(slow)
  show(slow)
  show({})
  assert.deepEqual(said, ["saving", "saved"])
})

test("a broken line is said once, however much is typed meanwhile", () => {
  show({})
  show({ line: "offline" })
  show({ line: "offline", pending: 1, remembered: 1 })
  show({ line: "offline", pending: 2, remembered: 2 })
  show({ pending: 2, waitingSince: Date.now() })
  show({})
  assert.deepEqual(said, ["offline", "saved"])
})

test("a right that is lost or comes back is said, one that was never there is not", () => {
  show({ role: "read" })
  assert.deepEqual(said, [])
  show({})
  show({ standing: "frozen" })
  show({ role: "read" })
  show({ ended: "signed_out", line: "offline" })
  assert.deepEqual(said, ["saved", "frozen", "read_only", "signed_out"])
})

test("what must be heard waits for its turn; of what passes, the latest is heard", () => {
  mock.timers.reset()
  mock.timers.enable({ apis: ["setTimeout"] })
  const region = { textContent: "" }
  const announcements = new Announcements(region)
  const heard = []
  const hear = (ms) => {
    mock.timers.tick(ms)
    if (region.textContent !== heard.at(-1)) heard.push(region.textContent)
  }
  announcements.say("offline")
  hear(0)
  announcements.tell("your words stand above the text")
  announcements.say("saving")
  announcements.say("saved")
  hear(5000)
  hear(5000)
  assert.deepEqual(heard, ["offline", "your words stand above the text", "saved"])
})
