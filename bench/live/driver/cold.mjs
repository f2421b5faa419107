// The first opening of a long document: from the wish to connect to the whole text.
import { setTimeout as sleep } from "node:timers/promises"
import { maker } from "./clients/index.mjs"
import { readLong } from "./long.mjs"
import { processorTime } from "./processes.mjs"
import { until } from "./together.mjs"

export async function openLong(job) {
  const connect = await maker(job)
  const expected = await warm(job)
  const times = []
  const [server, all] = [processorTime(job.server), processorTime(job.all)]
  for (const document of job.documents) {
    const start = performance.now()
    const client = await connect(document, 0)
    await until(() => client.isReady() && lengthOf(client.doc) === expected.length, "that the long text is there", 60)
    times.push(performance.now() - start)
    if (textOf(client.doc) !== expected) return { failed: "the long text is another" }
    client.close()
    await sleep(200)
  }
  const opens = job.documents.length
  return {
    p50: times.sort((one, other) => one - other)[Math.floor(opens / 2)],
    longest: times.at(-1),
    opens,
    server_us: (processorTime(job.server) - server) / opens,
    all_us: (processorTime(job.all) - all) / opens,
  }
}

const blocks = (doc) => doc.getXmlFragment("body").toArray()
const lengthOf = (doc) => blocks(doc).reduce((sum, block) => sum + (block.length ? block.get(0).length : 0), 0)
const textOf = (doc) => blocks(doc).map((block) => (block.length ? block.get(0).toString() : "")).join("")

/** Apply the document once in this process, so that no server's client pays for the compiling; its text. */
async function warm({ long, client }) {
  const Y = client === "portal" ? (await import("vendor/editor")).Y : await import("yjs")
  const doc = new Y.Doc()
  for (const update of readLong(long)) Y.applyUpdate(doc, update)
  return textOf(doc)
}
