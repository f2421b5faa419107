// A text kept on one's own device: where the next page starts, and what makes it worth nothing.
import assert from "node:assert/strict"
import test, { afterEach, beforeEach, mock } from "node:test"
import { unframe } from "editor/framing"
import { KEEP_EVERY } from "editor/keeping"
import { MOST_BYTES, MOST_TEXTS, beyondBounds } from "editor/opened-texts"
import { MERGE_FOR } from "editor/outbox"
import { FakeStore, FakeText, Server, page, settle, textOf, type } from "./server.mjs"

let server

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_700_000_000_000 })
  server = new Server()
})

afterEach(() => mock.timers.reset())

async function pass(ms) {
  mock.timers.tick(ms)
  await settle()
}

async function written(text, texts = new FakeText()) {
  const one = await page(server, { texts })
  type(one, text)
  await pass(MERGE_FOR)
  await pass(KEEP_EVERY)
  one.stop()
  await settle()
  return texts
}

test("the next page starts from the kept text and is sent only what came since", async () => {
  const texts = await written("Known. ")
  const other = await page(server)
  type(other, "New.")
  await pass(MERGE_FOR)
  const sizes = []
  const open = server.open.bind(server)
  server.open = (...asked) => {
    const answer = open(...asked)
    sizes.push(unframe(answer.body).length)
    return answer
  }
  const again = await page(server, { texts })
  assert.equal(textOf(again.doc), "Known. New.")
  assert.equal(server.opens.at(-1).since, 2)
  assert.deepEqual(sizes, [1])
})

test("words that wait for the server are not kept as its text", async () => {
  server.answersSaved = false
  const texts = await written("not acknowledged")
  assert.equal(texts.text ?? null, null)
})

test("a kept text of another epoch is worth nothing, and no word of it stays", async () => {
  const texts = await written("former words")
  Object.assign(server, { log: [new Server().log[0]], epoch: 2 })
  const again = await page(server, { texts })
  assert.equal(textOf(again.doc), "")
  assert.deepEqual([again.epoch, again.isOpen, again.isWritable], [2, true, true])
  assert.deepEqual(again.heard.filter(([name]) => name === "rescued"), [])
  type(again, "new words")
  await pass(MERGE_FOR)
  assert.equal(server.text(), "new words")
  assert.equal(server.opens.at(-1).epoch, 2)
})

test("a kept text that is further than the server's, which came back from a backup, is worth nothing", async () => {
  const texts = await written("lost with the disk")
  server.log = server.log.slice(0, 1)
  const again = await page(server, { texts })
  assert.equal(textOf(again.doc), "")
  assert.equal(again.have, 1)
})

test("what a closed page left is sent on the kept text as on any other", async () => {
  const texts = new FakeText()
  const kept = new FakeStore()
  const one = await page(server, { kept, texts })
  type(one, "Before. ")
  await pass(MERGE_FOR)
  await pass(KEEP_EVERY)
  one.socket.disconnect()
  type(one, "Without a line.")
  await pass(MERGE_FOR)
  one.stop()
  const again = await page(server, { kept, texts })
  await settle()
  assert.equal(server.text(), "Before. Without a line.")
  assert.equal(textOf(again.doc), server.text())
  assert.equal(again.pending, 0)
})

test("a text that held what was refused is kept no longer", async () => {
  const texts = await written("fine ")
  const one = await page(server, { texts })
  server.refusal = { code: "locked", message: "" }
  type(one, "too late")
  await pass(MERGE_FOR)
  assert.equal(texts.text, null)
})

test("only so many texts and so many bytes are kept, the latest", () => {
  const many = Array.from({ length: MOST_TEXTS + 2 }, (_, at) => ({ document: at, at, size: 10 }))
  assert.deepEqual(beyondBounds(many).map(({ document }) => document), [1, 0])
  const large = Array.from({ length: 5 }, (_, at) => ({ document: at, at, size: MOST_BYTES / 4 }))
  assert.deepEqual(beyondBounds(large).map(({ document }) => document), [0])
})
