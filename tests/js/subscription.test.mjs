// The place in a stream, and asking again: what arrives twice, out of order, or not at all.
import assert from "node:assert/strict"
import { EventEmitter } from "node:events"
import { test } from "node:test"
import { Place } from "lib/place"
import { Subscription } from "lib/subscription"

class FakeLine extends EventEmitter {
  connected = true
  asked = []
  sent = []
  answers = []

  timeout() {
    return { emitWithAck: async (event, question) => {
      this.asked.push({ event, ...question })
      return this.answers.shift() ?? { ok: true, generation: "g", seq: 0, missed: [] }
    } }
  }

  send(event, message) {
    this.listeners(event).forEach((handler) => handler(message))
  }

  emit(event, ...rest) {
    this.sent.push([ event, ...rest ])
  }
}

const user = { wantsPresence: false, note(place) { this.place = { generation: place.generation, seq: place.seq } } }
const settled = () => new Promise((resolve) => setImmediate(resolve))

async function watching({ place = new Place(), at = null, answers = [] } = {}) {
  const socket = new FakeLine()
  socket.answers = answers
  const shown = []
  const refreshes = []
  const subscription = new Subscription({
    name: "thread:1", socket, show: (html) => shown.push(html), refresh: () => refreshes.push(1)
  })
  subscription.begin(user, place, at)
  await settled()
  return { socket, shown, refreshes, subscription }
}

const fragment = (seq, html = `f${seq}`, generation = "g") => ({ stream: "thread:1", generation, seq, html })

test("a fragment is shown once, however often it comes", async () => {
  const { socket, shown } = await watching()
  socket.send("stream", fragment(1))
  socket.send("stream", fragment(1))
  assert.deepEqual(shown, [ "f1" ])
})

test("fragments of other streams are not shown", async () => {
  const { socket, shown } = await watching()
  socket.send("stream", { ...fragment(1), stream: "thread:2" })
  assert.deepEqual(shown, [])
})

test("what overtook another is shown, and the hole is asked for", async (t) => {
  t.mock.timers.enable({ apis: [ "setTimeout" ] })
  const { socket, shown } = await watching({ answers: [
    { ok: true, generation: "g", seq: 0, missed: [] },
    { ok: true, generation: "g", seq: 3, missed: [ "f2", "f3" ] }
  ] })
  socket.send("stream", fragment(1))
  socket.send("stream", fragment(3))
  assert.deepEqual(shown, [ "f1", "f3" ])
  t.mock.timers.tick(1500)
  await settled()
  assert.equal(socket.asked[1].since, 1)
  assert.deepEqual(shown, [ "f1", "f3", "f2" ])
})

test("a hole that closes by itself is not asked for", async () => {
  const place = new Place("g", 1)
  place.take("g", 3)
  assert.ok(place.hasHole)
  place.take("g", 2)
  assert.ok(!place.hasHole)
  assert.equal(place.seq, 3)
})

test("after a reconnect it asks with its place and shows what was missed", async () => {
  const { socket, shown } = await watching({ answers: [
    { ok: true, generation: "g", seq: 4, missed: [] },
    { ok: true, generation: "g", seq: 6, missed: [ "f5", "f6" ] }
  ] })
  socket.send("connect")
  await settled()
  assert.deepEqual(socket.asked[1], { event: "subscribe", stream: "thread:1", presence: false, generation: "g", since: 4 })
  assert.deepEqual(shown, [ "f5", "f6" ])
  assert.deepEqual(user.place, { generation: "g", seq: 6 })
})

test("what came between the ask and the answer is not shown twice", async () => {
  const socket = new FakeLine()
  const shown = []
  let answer
  socket.timeout = () => ({ emitWithAck: () => new Promise((resolve) => { answer = resolve }) })
  const subscription = new Subscription({ name: "thread:1", socket, show: (html) => shown.push(html), refresh() {} })
  subscription.begin(user, new Place("g", 1), null)
  socket.send("stream", fragment(3))
  answer({ ok: true, generation: "g", seq: 3, missed: [ "f2", "f3" ] })
  await settled()
  assert.deepEqual(shown, [ "f3", "f2" ])
})

test("a new page shows what came before its first answer, in the server's order", async () => {
  const socket = new FakeLine()
  const shown = []
  let answer
  socket.timeout = () => ({ emitWithAck: () => new Promise((resolve) => { answer = resolve }) })
  const subscription = new Subscription({ name: "thread:1", socket, show: (html) => shown.push(html), refresh() {} })
  subscription.begin(user, new Place(), 1000)
  socket.send("stream", fragment(3))
  socket.send("stream", fragment(4))
  answer({ ok: true, generation: "g", seq: 3, missed: [ "f2", "f3" ] })
  await settled()
  assert.deepEqual(shown, [ "f2", "f3", "f4" ])
})

test("a page that was made before the ask gets what was said meanwhile", async () => {
  const { socket, shown } = await watching({ at: 1000, answers: [ { ok: true, generation: "g", seq: 9, missed: [ "f9" ] } ] })
  assert.equal(socket.asked[0].at, 1000)
  assert.deepEqual(shown, [ "f9" ])
})

test("when the server no longer knows what was missed the page is read anew, once", async () => {
  const { socket, refreshes, shown } = await watching({
    place: new Place("old", 7),
    answers: [ { ok: true, refresh: true, generation: "new", seq: 2 } ]
  })
  assert.equal(refreshes.length, 1)
  socket.send("connect")
  await settled()
  assert.deepEqual([ socket.asked[1].generation, socket.asked[1].since ], [ "new", 2 ])
  assert.deepEqual(shown, [])
})

test("without Redis fragments have no number and are all shown", async () => {
  const { socket, shown } = await watching({ answers: [ { ok: true, generation: null, seq: null, missed: [] } ] })
  socket.send("stream", fragment(null, "x", null))
  socket.send("stream", fragment(null, "y", null))
  assert.deepEqual(shown, [ "x", "y" ])
})

test("who is refused does not ask again until the line is new", async (t) => {
  t.mock.timers.enable({ apis: [ "setTimeout" ] })
  const refusal = { ok: false, error: { code: "forbidden", message: "" } }
  const { socket } = await watching({ answers: [ refusal ] })
  t.mock.timers.tick(60_000)
  await settled()
  assert.equal(socket.asked.length, 1)
})

test("a busy server is asked again", async (t) => {
  t.mock.timers.enable({ apis: [ "setTimeout" ] })
  const { socket } = await watching({ answers: [ { ok: false, error: { code: "busy", retry: 1 } } ] })
  t.mock.timers.tick(1000)
  await settled()
  assert.equal(socket.asked.length, 2)
})

test("a recheck is answered by asking again", async (t) => {
  t.mock.timers.enable({ apis: [ "setTimeout" ] })
  const { socket } = await watching()
  socket.send("recheck", { stream: "thread:1" })
  t.mock.timers.tick(400)
  await settled()
  assert.equal(socket.asked.length, 2)
})

test("the last element that leaves unsubscribes, and nothing is shown any more", async () => {
  const { socket, shown, subscription } = await watching()
  const other = { ...user }
  subscription.begin(other, new Place(), null)
  assert.equal(subscription.end(user), false)
  assert.equal(subscription.end(other), true)
  socket.send("stream", fragment(1))
  assert.deepEqual(shown, [])
  assert.deepEqual(socket.sent, [ [ "unsubscribe", { stream: "thread:1" } ] ])
})
