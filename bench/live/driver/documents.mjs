// Many documents with a few people each: all converge; what an open document takes of the server's memory.
import { setTimeout as sleep } from "node:timers/promises"
import { maker } from "./clients/index.mjs"
import { memory, processorTime } from "./processes.mjs"
import { converge, gather, seat } from "./together.mjs"
import { type } from "./traces.mjs"

const AT_ONCE = 10 // documents
const SETTLE = 3000 // ms: the slowest stores after two seconds

export async function openMany(job) {
  const connect = await maker(job)
  const [server, all] = [memory(job.server), memory(job.all)]
  const cpu = processorTime(job.server)
  const start = performance.now()
  const rooms = []
  for (let first = 0; first < job.documents.length; first += AT_ONCE) {
    rooms.push(...(await Promise.all(job.documents.slice(first, first + AT_ONCE).map((each, number) =>
      write(job, connect, each, first + number)))))
  }
  const seconds = (performance.now() - start) / 1000
  await sleep(SETTLE)
  for (const clients of rooms) await converge(clients, 5)
  const figures = {
    documents: rooms.length,
    people: rooms.length * job.people,
    seconds,
    kb_a_document: (memory(job.server) - server) / 1024 / rooms.length,
    all_kb_a_document: (memory(job.all) - all) / 1024 / rooms.length,
    server_ms: (processorTime(job.server) - cpu) / 1000 / rooms.length,
  }
  for (const client of rooms.flat()) client.close()
  return figures
}

/** People in one document, each of whom types `each` keystrokes of a trace. */
async function write(job, connect, document, number) {
  const own = (...place) => connect(place[0], place[1] + number * job.people)
  const clients = await gather(own, document, job.people)
  const typists = await seat(clients, job.people, job.traces)
  for (let key = 0; key < job.each; key++) {
    for (const typist of typists) type(typist.client.doc, typist.text, typist.keystroke)
    await sleep(50)
  }
  await converge(clients)
  return clients
}
