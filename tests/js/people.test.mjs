// What is said of people reaches the page as text and as one of eight classes, whatever it says.
import assert from "node:assert/strict"
import test, { afterEach, beforeEach, mock } from "node:test"
import { carets } from "editor/carets"
import { showPeople } from "editor/people"
import { Presence } from "editor/presence"

const MARKUP = '<img src=x onerror="alert(1)">"><script>'
const HUES = ["1;background:url(//evil)", 0, 9, "2", null, { toString: () => "1 evil" }, [3], NaN, "<b>"]

// An element that takes text and attributes; markup and styles are an error.
class Element {
  attributes = {}
  children = []
  classList = { add() {}, remove() {} }
  setAttribute(name, value) {
    assert.ok(!["style", "srcdoc"].includes(name) && !name.startsWith("on"), name)
    this.attributes[name] = value
  }
  append(...children) {
    this.children.push(...children)
  }
  replaceChildren(...children) {
    this.children = children
  }
  set innerHTML(_) {
    assert.fail("markup")
  }
  get style() {
    return assert.fail("a style")
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] })
  globalThis.document = { createElement: () => new Element(), documentElement: { lang: "en" } }
})
afterEach(() => {
  mock.timers.reset()
  delete globalThis.document
})

// A provider that hears what a hostile server, or a hole in it, would relay.
function presenceOf(people) {
  const provider = { me: "mine", isOpen: true, on: (name, hear) => (provider[name] = hear), off() {}, sendPresence() {} }
  const presence = new Presence(provider)
  provider.presence({ people })
  presence.destroy()
  return presence
}

const person = (hue, number) => ({
  me: `tab ${number}`,
  user_id: number,
  is_reading: false,
  name: MARKUP,
  organisation: MARKUP,
  hue,
  anchor: {},
  head: {},
})

test("names are labels and letters, and hues one of eight classes", () => {
  const presence = presenceOf(HUES.map(person))
  const list = new Element()
  const words = { person_here: "{name}, {organisation}", here: { one: "{count}", other: "{count}" } }
  showPeople(presence, { lists: [list], figure: {}, words })
  assert.equal(list.children.length, HUES.length)
  for (const avatar of list.children) {
    assert.match(avatar.className, /^who p[1-8]$/)
    assert.equal(avatar.attributes["aria-label"], `${MARKUP}, ${MARKUP}`)
    assert.equal(avatar.textContent, "<O")
  }
})

test("a caret's name is text, and its colour one of eight classes", () => {
  const { cursorBuilder, selectionBuilder } = carets()
  for (const { user } of presenceOf(HUES.map(person)).getStates().values()) {
    const caret = cursorBuilder(user, "tab")
    assert.match(caret.className, /^caret p[1-8]$/)
    assert.equal(caret.children[0].textContent, MARKUP)
    assert.match(selectionBuilder(user).class, /^picked p[1-8]$/)
    assert.deepEqual(Object.keys(selectionBuilder(user)), ["class"])
  }
})
