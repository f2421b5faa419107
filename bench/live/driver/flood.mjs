// As fast as it goes: some people type without a pause; the clock stops when all of it is everywhere, and acknowledged.
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import { maker } from "./clients/index.mjs"
import { processorTime } from "./processes.mjs"
import { QUIET, Watch, converge, gather, quantiles, seat } from "./together.mjs"
import { type } from "./traces.mjs"

export async function flood(job) {
  const clients = await gather(await maker(job), job.document, job.people)
  const typists = await seat(clients, job.typists, job.traces)
  const watch = new Watch(clients, typists)
  await sleep(QUIET)
  const [server, all] = [processorTime(job.server), processorTime(job.all)]
  const driver = process.cpuUsage()
  const start = performance.now()
  for (let number = 0; number < job.each; number++) {
    for (const typist of typists) {
      watch.note(typist, () => type(typist.client.doc, typist.text, typist.keystroke))
      if (job.atOnce) typist.client.sendNow()
    }
    await turn()
  }
  const isThrough = () => watch.waits.length === watch.expected && clients.every((client) => !client.pending())
  while (!isThrough()) await turn()
  const seconds = (performance.now() - start) / 1000
  const updates = job.each * typists.length
  const { user, system } = process.cpuUsage(driver)
  await converge(clients)
  const figures = {
    updates,
    seconds,
    updates_a_second: updates / seconds,
    ...quantiles(watch.waits),
    server_us: (processorTime(job.server) - server) / updates,
    all_us: (processorTime(job.all) - all) / updates,
    driver_busy: (user + system) / 1e6 / seconds,
  }
  for (const client of clients) client.close()
  return figures
}
