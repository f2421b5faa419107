// One run against one server: the job comes as JSON on standard input, the figures go out as the last line.
import { text } from "node:stream/consumers"
import { openLong } from "./cold.mjs"
import { openMany } from "./documents.mjs"
import { flood } from "./flood.mjs"
import { typeTogether } from "./typing.mjs"

const WORK = { typing: typeTogether, flood, cold: openLong, documents: openMany }

const job = JSON.parse(await text(process.stdin))
const deadline = setTimeout(() => finish({ failed: `not done within ${job.patience} s` }), job.patience * 1000)
process.on("uncaughtException", (error) => finish({ failed: String(error?.stack ?? error) }))
process.on("unhandledRejection", (error) => finish({ failed: String(error?.stack ?? error) }))

function finish(result) {
  clearTimeout(deadline)
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}

try {
  finish(await WORK[job.work](job))
} catch (error) {
  finish({ failed: String(error?.stack ?? error) })
}
