// Keystroke to the other screen: some people type, everybody watches.
import { setTimeout as sleep } from "node:timers/promises"
import { maker } from "./clients/index.mjs"
import { processorTime } from "./processes.mjs"
import { QUIET, Watch, converge, gather, quantiles, seat } from "./together.mjs"
import { type } from "./traces.mjs"

export async function typeTogether(job) {
  const clients = await gather(await maker(job), job.document, job.people)
  const typists = await seat(clients, job.typists, job.traces)
  const watch = new Watch(clients, typists)
  await sleep(QUIET)
  const [server, all] = [processorTime(job.server), processorTime(job.all)]
  const keystrokes = await typeFor(job, typists, watch)
  await converge(clients)
  const deliveries = keystrokes * (job.people - 1)
  const figures = {
    keystrokes,
    deliveries,
    samples: watch.waits.length,
    ...quantiles(watch.waits),
    server_us: (processorTime(job.server) - server) / deliveries,
    all_us: (processorTime(job.all) - all) / deliveries,
  }
  if (watch.waits.length !== watch.expected) return { failed: `${watch.waits.length} of ${watch.expected} arrived` }
  const other = clients.find((client) => client.transport() !== job.transport)
  if (other) return { failed: `somebody came by ${other.transport()}` }
  for (const client of clients) client.close()
  return figures
}

/** Each typist `rate` keystrokes a second, evenly between the others'. Answers how many there were. */
async function typeFor({ rate, seconds, atOnce }, typists, watch) {
  const start = performance.now()
  const step = 1000 / (rate * typists.length)
  const count = Math.round(seconds * rate * typists.length)
  for (let number = 0; number < count; number++) {
    await sleep(Math.max(0, start + number * step - performance.now()))
    const typist = typists[number % typists.length]
    watch.note(typist, () => type(typist.client.doc, typist.text, typist.keystroke))
    if (atOnce) typist.client.sendNow()
  }
  return count
}
