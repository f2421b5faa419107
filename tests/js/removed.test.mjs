// What somebody else's change takes along unseen is offered back; what they saw and removed is not.
import assert from "node:assert/strict"
import test, { afterEach, beforeEach, mock } from "node:test"
import { Y } from "vendor/editor"
import { MERGE_FOR } from "editor/outbox"
import { looseText } from "editor/loose-text"
import { FakeStore, Server, page, settle, textOf, type } from "./server.mjs"

let server

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_700_000_000_000 })
  server = new Server()
})

afterEach(() => mock.timers.reset())

async function pass(ms = MERGE_FOR) {
  mock.timers.tick(ms)
  await settle()
}

const offered = (provider) =>
  provider.heard.filter(([name, detail]) => name === "rescued" && detail.code === "removed").map(([, { text }]) => text)

function addBlock(provider, text) {
  const block = new Y.XmlElement("block")
  block.setAttribute("kind", "p")
  block.insert(0, [new Y.XmlText(text)])
  provider.fragment.push([block])
}

const removeBlock = (provider, index = 0) => provider.fragment.delete(index, 1)

async function two() {
  const [ours, theirs] = [await page(server), await page(server)]
  type(ours, "Aims: ")
  addBlock(ours, "The end.")
  await pass()
  return [ours, theirs]
}

test("words typed without a line into a paragraph that somebody removed are offered back", async () => {
  const [ours, theirs] = await two()
  ours.socket.disconnect()
  type(ours, "precious words")
  removeBlock(theirs)
  await pass()
  ours.socket.connect()
  await pass()
  assert.deepEqual(offered(ours), ["precious words"])
  assert.equal(textOf(ours.doc), "The end.")
  assert.equal(server.text(), "The end.")
  assert.deepEqual(offered(theirs), [])
})

test("words that were saved before the other, without a line, removed the paragraph are offered back too", async () => {
  const [ours, theirs] = await two()
  theirs.socket.disconnect()
  removeBlock(theirs)
  type(ours, "saved meanwhile")
  await pass()
  assert.equal(ours.pending, 0)
  theirs.socket.connect()
  await pass()
  assert.deepEqual(offered(ours), ["saved meanwhile"])
})

test("what the other saw and removed is their decision: nothing is offered", async () => {
  const [ours, theirs] = await two()
  type(ours, "all of this was read")
  await pass()
  removeBlock(theirs)
  await pass()
  assert.equal(textOf(ours.doc), "The end.")
  assert.deepEqual(offered(ours), [])
})

test("of one paragraph only the letters that the other had not seen are offered, in their order", async () => {
  const [ours, theirs] = await two()
  ours.socket.disconnect()
  const text = ours.fragment.get(0).get(0)
  text.insert(6, "second")
  text.insert(6, "first ")
  text.insert(0, "Our ")
  removeBlock(theirs)
  await pass()
  ours.socket.connect()
  await pass()
  assert.deepEqual(offered(ours), ["Our first second"])
})

test("what a person took back, and blanks, are not offered", async () => {
  const [ours, theirs] = await two()
  ours.socket.disconnect()
  type(ours, "oops ")
  ours.fragment.get(0).get(0).delete(6, 4)
  removeBlock(theirs)
  await pass()
  ours.socket.connect()
  await pass()
  assert.deepEqual(offered(ours), [])
})

test("typed without a line in a page that was closed, removed meanwhile: the next page offers it", async () => {
  const kept = new FakeStore()
  const ours = await page(server, { kept })
  const theirs = await page(server)
  type(ours, "Aims: ")
  addBlock(ours, "The end.")
  await pass()
  ours.socket.disconnect()
  type(ours, "from the train")
  ours.fragment.get(1).get(0).insert(8, " Really.")
  await pass()
  ours.stop()
  removeBlock(theirs)
  await pass()
  const again = await page(server, { kept })
  await pass()
  assert.deepEqual(offered(again), ["from the train"])
  assert.equal(server.text(), "The end. Really.")
})

test("updates without their document are read stretch by stretch, without what was taken back", () => {
  const doc = new Y.Doc()
  const made = []
  const text = doc.getText("body")
  text.insert(0, "Before.")
  doc.on("update", (update) => made.push(update))
  text.insert(7, " after")
  text.insert(13, " the")
  text.insert(7, " put")
  text.delete(14, 2)
  text.insert(0, "Elsewhere ")
  text.insert(10, "too ")
  assert.equal(looseText(made), " put afr the\nElsewhere too ")
  assert.equal(looseText([Y.mergeUpdates(made)]), " put afr the\nElsewhere too ")
})
