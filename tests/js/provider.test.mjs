import assert from "node:assert/strict"
import test, { afterEach, beforeEach, mock } from "node:test"
import { Y } from "vendor/editor"
import { GAP_WAIT, LATE_AFTER, SLOW_AFTER } from "editor/provider"
import { MERGE_FOR } from "editor/outbox"
import { savingState } from "editor/saving"
import { frame } from "editor/framing"
import { DOCUMENT, FakeSocket, FakeStore, Server, page, settle, textOf, type } from "./server.mjs"

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

const edits = (provider) => provider.socket.said.filter(([event]) => event === "edit").map(([, message]) => message)
const heard = (provider, event) => provider.heard.filter(([name]) => name === event).map(([, detail]) => detail)
const rescued = (provider) => heard(provider, "rescued").map(({ text, code, message }) => ({ text, code, message }))

test("two pages that type at once end with the same text, which is the server's", async () => {
  const [one, other] = [await page(server), await page(server)]
  type(one, "Empathy ")
  type(other, "matters ")
  await pass(MERGE_FOR)
  assert.equal(textOf(one.doc), textOf(other.doc))
  assert.equal(server.text(), textOf(one.doc))
  assert.match(server.text(), /Empathy/)
  assert.match(server.text(), /matters/)
})

test("a burst of keys becomes one edit, and the next burst takes the next number", async () => {
  const one = await page(server)
  for (const letter of "care") type(one, letter)
  await pass(MERGE_FOR)
  type(one, "!")
  await pass(MERGE_FOR)
  assert.deepEqual(edits(one).map(({ n }) => n), [1, 2])
  assert.equal(server.text(), "care!")
})

test("the first key after a pause leaves at once, those that come soon after it go together", async () => {
  const one = await page(server)
  const sent = () => edits(one).length
  type(one, "c")
  await settle()
  assert.equal(sent(), 1)
  for (const letter of "are") {
    await pass(10)
    type(one, letter)
    await settle()
  }
  assert.equal(sent(), 1)
  await pass(10)
  assert.equal(sent(), 2)
  assert.equal(server.text(), "care")
  await pass(MERGE_FOR)
  type(one, "!")
  await settle()
  assert.equal(sent(), 3)
})

test("what one keystroke changes in several steps goes as one edit", async () => {
  const one = await page(server)
  for (const letter of "pasted") type(one, letter)
  await settle()
  assert.equal(edits(one).length, 1)
  assert.equal(server.text(), "pasted")
})

test("one edit never holds two Yjs clients", async () => {
  const one = await page(server)
  type(one, "first")
  one.doc.clientID += 1
  type(one, "second")
  await pass(MERGE_FOR)
  const clients = edits(one).map(({ update }) => [...Y.parseUpdateMeta(update).from.keys()].length)
  assert.deepEqual(clients, [1, 1])
})

test("nothing is pending after `saved`, and everything is before it", async () => {
  server.answersSaved = false
  const one = await page(server)
  type(one, "word")
  assert.equal(one.pending, 1)
  await pass(MERGE_FOR)
  assert.equal(one.pending, 1)
  one.socket.hear("saved", { d: DOCUMENT, n: 1, seq: 2 })
  assert.equal(one.pending, 0)
  assert.equal(one.kept.rows.size, 0)
})

test("`saved` is cumulative", async () => {
  server.answersSaved = false
  const one = await page(server)
  for (const word of ["a", "b", "c"]) {
    type(one, word)
    await pass(MERGE_FOR)
  }
  one.socket.hear("saved", { d: DOCUMENT, n: 2, seq: 3 })
  assert.equal(one.pending, 1)
})

test("what was not acknowledged goes again after the line came back, under the same key and number", async () => {
  server.answersSaved = false
  const one = await page(server, { clientKey: "key-of-page" })
  type(one, "kept")
  await pass(MERGE_FOR)
  one.socket.disconnect()
  server.answersSaved = true
  one.socket.connect()
  await pass(0)
  assert.deepEqual(server.received.map(({ key, n }) => [key, n]), [["key-of-page", 1], ["key-of-page", 1]])
  assert.equal(server.text(), "kept")
  assert.equal(one.pending, 0)
})

test("hours of typing without a line become few edits", async () => {
  const one = await page(server)
  one.socket.disconnect()
  for (let word = 0; word < 300; word++) {
    type(one, `word${word} `)
    await pass(MERGE_FOR)
  }
  assert.equal(one.line, "offline")
  assert.equal(one.pending, 300)
  one.socket.connect()
  await pass(0)
  assert.equal(edits(one).length, 1)
  assert.equal(one.pending, 0)
  assert.match(server.text(), /word299/)
})

test("without a line a letter does not wait: it is remembered at once, and only then counted as kept", async () => {
  const one = await page(server)
  one.socket.disconnect()
  type(one, "a")
  assert.deepEqual(savingState(one), { name: "offline_unkept", tone: "away" })
  await settle()
  assert.equal(one.kept.rows.size, 1)
  assert.deepEqual(savingState(one), { name: "offline_changes", values: { count: 1 }, tone: "away" })
})

test("the words never say saved while a letter waits", async () => {
  server.answersSaved = false
  const one = await page(server)
  assert.equal(savingState(one).name, "saved")
  type(one, "a")
  assert.equal(savingState(one).name, "saving")
  await pass(MERGE_FOR)
  assert.equal(savingState(one).name, "saving")
  one.socket.hear("saved", { d: DOCUMENT, n: 1, seq: 2 })
  assert.equal(savingState(one).name, "saved")
  one.socket.disconnect()
  assert.equal(savingState(one).name, "offline")
})

test("what a closed page left is sent by the next one under the old key, and seen there", async () => {
  const kept = new FakeStore()
  const first = await page(server, { kept, clientKey: "first-page" })
  first.socket.disconnect()
  type(first, "from the train")
  await pass(MERGE_FOR)
  first.stop()
  const second = await page(server, { kept, clientKey: "second-page" })
  await settle()
  assert.deepEqual(server.received.map(({ key, n }) => [key, n]), [["first-page", 1]])
  assert.equal(textOf(second.doc), "from the train")
  assert.deepEqual(server.opens.map(({ client_key: key }) => key), ["first-page", "first-page", "second-page"])
  assert.equal(kept.rows.size, 0)
  assert.equal(second.pending, 0)
})

test("what a closed page left is seen at once, also before the server took it", async () => {
  const kept = new FakeStore()
  const first = await page(server, { kept })
  first.socket.disconnect()
  type(first, "still mine")
  await pass(MERGE_FOR)
  first.stop()
  server.edit = () => {}
  const second = await page(server, { kept })
  assert.equal(textOf(second.doc), "still mine")
  assert.equal(second.pending, 1)
})

test("a duplicated tab numbers its edits under a key of its own: nothing passes for known", async () => {
  const kept = new FakeStore()
  const first = await page(server, { kept })
  const second = await page(server, { kept })
  type(first, "one ")
  await pass(MERGE_FOR)
  type(second, "two ")
  await pass(MERGE_FOR)
  assert.match(server.text(), /one/)
  assert.match(server.text(), /two/)
})

test("edits that came already are dropped, and those that overlap are taken", async () => {
  const [one, other] = [await page(server), await page(server)]
  type(other, "x")
  await pass(MERGE_FOR)
  type(other, "y")
  await pass(MERGE_FOR)
  const before = one.have
  server.relay(before - 1, before - 1, [server.log.at(-2)])
  assert.equal(one.have, before)
  server.relay(before, before, [server.log.at(-1)])
  assert.equal(textOf(one.doc), "xy")
})

test("a gap is asked for after a second, not at once, and only once", async () => {
  const one = await page(server)
  const missed = new Y.Doc()
  Y.applyUpdate(missed, server.log[0])
  const made = []
  missed.on("update", (update) => made.push(update))
  for (const letter of "ab") missed.getXmlFragment("body").get(0).get(0).insert(0, letter)
  server.log.push(...made)
  server.relay(3, 3, [made[1]])
  server.relay(3, 3, [made[1]])
  assert.equal(server.opens.length, 1)
  await pass(GAP_WAIT)
  assert.equal(server.opens.length, 2)
  assert.equal(server.opens[1].since, 1)
  assert.equal(textOf(one.doc), "ba")
})

test("a gap that fills by itself is not asked for", async () => {
  const one = await page(server)
  const missed = new Y.Doc()
  Y.applyUpdate(missed, server.log[0])
  const made = []
  missed.on("update", (update) => made.push(update))
  for (const letter of "ab") missed.getXmlFragment("body").get(0).get(0).insert(0, letter)
  server.log.push(...made)
  server.relay(3, 3, [made[1]])
  server.relay(2, 3, made)
  await pass(GAP_WAIT)
  assert.equal(server.opens.length, 1)
  assert.equal(textOf(one.doc), "ba")
})

for (const code of ["malformed", "too_large", "read_only", "locked", "full"]) {
  test(`what is refused (${code}) is handed back, and the document made anew`, async () => {
    const one = await page(server)
    const before = one.doc
    server.refusal = { code, message: "No." }
    type(one, "precious words")
    await pass(MERGE_FOR)
    server.refusal = null
    await settle()
    assert.deepEqual(rescued(one), [{ text: "precious words", code, message: "No." }])
    assert.equal(heard(one, "replaced").length, 1)
    assert.notEqual(one.doc, before)
    assert.equal(textOf(one.doc), "")
    assert.equal(one.pending, 0)
    assert.equal(one.kept.rows.size, 0)
  })
}

test("after a refusal the page types on, under a new key", async () => {
  const one = await page(server, { clientKey: "key-before" })
  server.refusal = { code: "malformed", message: "" }
  type(one, "bad")
  await pass(MERGE_FOR)
  server.refusal = null
  await settle()
  type(one, "good")
  await pass(MERGE_FOR)
  assert.equal(server.text(), "good")
  assert.notEqual(server.opens.at(-1).client_key, "key-before")
})

test("too fast is not lost: the same edit goes again under its number", async () => {
  const one = await page(server)
  server.refusal = { code: "rate", message: "Slow down." }
  type(one, "quick")
  await pass(MERGE_FOR)
  server.refusal = null
  await pass(1000)
  assert.deepEqual(server.received.map(({ n }) => n), [1, 1])
  assert.equal(server.text(), "quick")
  assert.deepEqual(heard(one, "rescued"), [])
})

test("a restored version discards the document and hands back what was not saved", async () => {
  server.answersSaved = false
  const one = await page(server)
  type(one, "unsent thought")
  server.log = [new Server().log[0]]
  server.epoch = 2
  one.socket.hear("reset", { d: DOCUMENT, epoch: 2 })
  await settle()
  assert.equal(heard(one, "rescued")[0].text, "unsent thought")
  assert.equal(textOf(one.doc), "")
  assert.equal(one.epoch, 2)
})

test("a version restored while the line was down: the old text is not merged into the new", async () => {
  const one = await page(server)
  type(one, "old ")
  await pass(MERGE_FOR)
  one.socket.disconnect()
  type(one, "and unsent")
  await pass(MERGE_FOR)
  Object.assign(server, { log: [new Server().log[0]], epoch: 2 })
  one.socket.connect()
  await settle()
  assert.equal(server.text(), "")
  assert.equal(textOf(one.doc), "")
  assert.match(heard(one, "rescued")[0].text, /and unsent/)
  assert.equal(heard(one, "replaced").length, 1)
})

test("put out of the room: what waited goes to the panel, and after one question nothing more is asked", async () => {
  server.answersSaved = false
  const one = await page(server)
  type(one, "too late")
  await pass(MERGE_FOR)
  server.openError = { code: "not_found", message: "Not yours." }
  one.socket.hear("refused", { d: DOCUMENT, n: 0, code: "gone", message: "" })
  await pass(20_000)
  assert.equal(one.role, "none")
  assert.equal(one.ended, "gone")
  assert.equal(server.opens.length, 2)
  assert.deepEqual(rescued(one), [{ text: "too late", code: "not_found", message: "Not yours." }])
})

test("put out because the session ended: what waited stays on this device", async () => {
  server.answersSaved = false
  const one = await page(server)
  type(one, "still mine")
  await pass(MERGE_FOR)
  server.openError = { code: "signed_out", message: "" }
  one.socket.hear("refused", { d: DOCUMENT, n: 1, code: "gone", message: "" })
  await pass(20_000)
  assert.equal(one.ended, "signed_out")
  assert.equal(one.pending, 1)
  assert.equal(one.kept.rows.size, 1)
  assert.deepEqual(heard(one, "rescued"), [])
})

test("while a connection is under way it is not asked for again: the server would refuse both", async () => {
  const socket = new FakeSocket(server)
  let asked = 0
  socket.connect = () => asked++
  socket.active = true
  await page(server, { socket })
  assert.equal(asked, 0)
})

test("a server that takes nothing for minutes is tried again and again, and the words stay in the text", async () => {
  const one = await page(server)
  server.refusal = { code: "rate", message: "" }
  for (const word of ["a ", "full ", "disk "]) {
    type(one, word)
    await pass(MERGE_FOR)
  }
  for (let second = 0; second < 180; second++) await pass(1000)
  assert.deepEqual([textOf(one.doc), one.pending, heard(one, "rescued")], ["a full disk ", 3, []])
  server.refusal = null
  for (let second = 0; second < 6; second++) await pass(1000)
  assert.equal(server.text(), "a full disk ")
  assert.equal(one.pending, 0)
})

test("many edits under way that are too fast are one refusal, not many", async () => {
  server.answersSaved = false
  const one = await page(server)
  for (let word = 0; word < 30; word++) {
    type(one, "w ")
    await pass(MERGE_FOR)
  }
  for (let n = 1; n <= 30; n++) one.socket.hear("refused", { d: DOCUMENT, n, code: "rate", message: "" })
  server.answersSaved = true
  await pass(1000)
  assert.deepEqual(heard(one, "rescued"), [])
  assert.equal(server.opens.length, 2)
  assert.equal(one.pending, 0)
})

test("what is said of another key's numbers while a text is being opened acknowledges nothing", async () => {
  const kept = new FakeStore()
  const first = await page(server, { kept, clientKey: "first-page" })
  server.answersSaved = false
  type(first, "left behind ")
  await pass(MERGE_FOR)
  first.stop()
  const socket = new FakeSocket(server)
  const second = await page(server, { kept, socket, clientKey: "second-page" })
  let answer
  socket.timeout = () => ({ emitWithAck: (_event, question) => new Promise((resolve) => (answer = () => resolve(server.open(socket, question)))) })
  type(second, "typed meanwhile")
  await pass(MERGE_FOR)
  socket.hear("saved", { d: DOCUMENT, n: 1, seq: 2 })
  await settle() // the second key is being opened; a copy of the first edit, sent twice, is acknowledged now
  socket.hear("saved", { d: DOCUMENT, n: 1, seq: 2 })
  assert.equal(second.pending, 1)
  server.answersSaved = true
  answer()
  await settle()
  await pass(MERGE_FOR)
  assert.match(server.text(), /typed meanwhile/)
  assert.equal(second.pending, 0)
})

test("a page that waits long for its text says so, and opens it when the line comes", async () => {
  server.isSilent = true
  const one = await page(server)
  await pass(LATE_AFTER + 1000)
  assert.equal(savingState(one).name, "late")
  server.isSilent = false
  one.socket.disconnect()
  one.socket.connect()
  await settle()
  assert.equal(savingState(one).name, "saved")
})

test("a newcomer hears who is here already", async () => {
  server.people = [{ me: "x1", is_reading: false, user_id: 3, name: "Amara", organisation: "A", hue: 2 }]
  const one = await page(server)
  assert.deepEqual(heard(one, "presence"), [{ people: server.people, left: [] }])
})

test("a role that changes is heard", async () => {
  const one = await page(server)
  one.socket.hear("role", { d: DOCUMENT, role: "read" })
  assert.equal(one.role, "read")
  assert.equal(heard(one, "role").length, 1)
})

test("a page that is older than the documents says so and stays away", async () => {
  server.openError = { code: "schema", message: "" }
  const one = await page(server)
  assert.equal(one.ended, "schema")
  await pass(20_000)
  assert.equal(server.opens.length, 1)
})

test("signed out: nothing is dropped", async () => {
  const one = await page(server)
  one.socket.disconnect()
  type(one, "mine")
  await pass(MERGE_FOR)
  one.socket.hear("connect_error", new Error("signed_out"))
  assert.equal(one.ended, "signed_out")
  assert.equal(one.pending, 1)
  assert.equal(one.kept.rows.size, 1)
})

test("a server that is busy is asked again", async () => {
  server.openError = { code: "busy", message: "", retry: 1 }
  const one = await page(server)
  server.openError = null
  await pass(1000)
  assert.ok(one.isOpen)
})

test("no `saved` for six seconds: the line is made anew", async () => {
  server.answersSaved = false
  const one = await page(server)
  type(one, "x")
  await pass(MERGE_FOR)
  server.answersSaved = true
  await pass(SLOW_AFTER + 1000)
  assert.equal(server.opens.length, 2)
  assert.equal(one.pending, 0)
  assert.equal(server.text(), "x")
})

test("a large document comes by HTTP, and edits that arrive meanwhile wait for it", async () => {
  server.byHttp = true
  let answer
  const read = () => new Promise((resolve) => (answer = resolve))
  const one = await page(server, { read })
  const body = frame(server.log)
  server.byHttp = false
  const other = await page(server)
  type(other, "meanwhile")
  await pass(MERGE_FOR)
  assert.ok(!one.isOpen)
  answer(new Response(body, { headers: { "Portal-Seq": "1" } }))
  await pass(0)
  await settle()
  assert.equal(textOf(one.doc), "meanwhile")
  assert.equal(one.have, 2)
})

test("another document's messages are nothing to this one", async () => {
  const one = await page(server)
  one.socket.hear("refused", { d: 99, n: 1, code: "gone", message: "" })
  one.socket.hear("reset", { d: 99, epoch: 5 })
  assert.equal(one.role, "write")
  assert.equal(one.epoch, 1)
})

test("leaving says so and keeps what was typed last", async () => {
  const one = await page(server)
  type(one, "last word")
  one.stop()
  await settle()
  assert.equal(server.text(), "last word")
  assert.equal(one.socket.said.at(-1)[0], "close")
})

async function leftBehind(text) {
  const kept = new FakeStore()
  const first = await page(server, { kept, clientKey: "first-page" })
  first.socket.disconnect()
  type(first, text)
  await pass(MERGE_FOR)
  first.stop()
  return kept
}

test("what a closed page left for a text that was set back meanwhile is never sent: it is set aside, and kept", async () => {
  const kept = await leftBehind("from another time")
  Object.assign(server, { log: [new Server().log[0]], epoch: 2 })
  const second = await page(server, { kept })
  assert.deepEqual(rescued(second), [{ text: "from another time", code: "reset", message: "" }])
  assert.deepEqual(server.received, [])
  assert.equal(textOf(second.doc), "")
  assert.equal(second.pending, 0)
  assert.equal(kept.rows.size, 0)
  const [{ epoch, base, updates }] = kept.aside.values()
  assert.deepEqual([epoch, base, updates.length], [1, 1, 1])
  second.stop()
  const third = await page(server, { kept })
  assert.equal(rescued(third)[0].text, "from another time")
  third.kept.release(heard(third, "rescued")[0].id)
  third.stop()
  assert.deepEqual(rescued(await page(server, { kept })), [])
})

test("two pages' leavings of two epochs: the one is sent, the other set aside", async () => {
  const kept = await leftBehind("old thought")
  server.epoch = 2
  const middle = await page(server, { kept: Object.assign(new FakeStore(), { rows: new Map() }), clientKey: "middle-page" })
  middle.socket.disconnect()
  type(middle, "new thought")
  await pass(MERGE_FOR)
  middle.stop()
  for (const [name, row] of middle.kept.rows) kept.rows.set(name, row)
  const last = await page(server, { kept })
  await settle()
  assert.deepEqual(rescued(last).map(({ text }) => text), ["old thought"])
  assert.equal(server.text(), "new thought")
  assert.equal(last.pending, 0)
})

test("an edit carries the text that it was typed into: its epoch, and how far of it was known", async () => {
  server.answersSaved = false
  const [one, other] = [await page(server), await page(server)]
  type(one, "a")
  await pass(MERGE_FOR)
  type(one, "b")
  await pass(MERGE_FOR)
  assert.deepEqual([...one.kept.rows.values()].map(({ epoch, base }) => [epoch, base]), [[1, 1], [1, 2]])
  assert.equal(other.have, 3)
})

test("a frozen text is no text to write in, and says so; thawed it is again", async () => {
  const one = await page(server)
  one.socket.hear("role", { d: DOCUMENT, role: "write", standing: "freezing" })
  assert.deepEqual([one.isWritable, savingState(one).name], [false, "freezing"])
  one.socket.hear("role", { d: DOCUMENT, role: "write", standing: "frozen" })
  assert.deepEqual([one.isWritable, savingState(one).name], [false, "frozen"])
  one.socket.hear("role", { d: DOCUMENT, role: "write", standing: "open" })
  assert.deepEqual([one.isWritable, savingState(one).name], [true, "saved"])
})

test("a page hears at its opening how the text stands", async () => {
  server.standing = "unreadable"
  const one = await page(server)
  assert.deepEqual([one.isWritable, savingState(one).name], [false, "unreadable"])
})

test("a reset that this page has seen already only opens anew", async () => {
  const one = await page(server)
  type(one, "typed after it")
  one.socket.hear("reset", { d: DOCUMENT, epoch: 1 })
  await pass(MERGE_FOR)
  assert.equal(server.text(), "typed after it")
  assert.deepEqual(rescued(one), [])
})

test("a slow disk is not kept busy with every letter: the last write holds them all", async () => {
  const one = await page(server)
  const written = []
  const { kept } = one
  const put = kept.put.bind(kept)
  let done
  kept.put = async (key, edit) => {
    written.push(edit.changes)
    await new Promise((resolve) => (done = resolve))
    return put(key, edit)
  }
  one.socket.disconnect()
  for (const letter of "slowly") type(one, letter)
  await settle()
  assert.deepEqual([written, one.remembered], [[1], 0])
  done()
  await settle()
  done()
  await settle()
  assert.deepEqual([written, one.remembered], [[1, 6], 6])
})
