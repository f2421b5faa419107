// What the servers cost, from /proc: processor time in ticks of 10 ms and proportional memory, children included.
import { readFileSync, readdirSync } from "node:fs"

const TICK = 10_000 // microseconds; Linux has 100 a second

function tree(pids) {
  const found = []
  const waiting = [...pids]
  while (waiting.length) {
    const pid = waiting.pop()
    try {
      const threads = readdirSync(`/proc/${pid}/task`)
      const children = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"))
      waiting.push(...children.join(" ").split(" ").filter(Boolean))
      found.push(pid)
    } catch {
      // it ended while we looked
    }
  }
  return found
}

function ticksOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const [utime, stime, cutime, cstime] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15).map(Number)
    return utime + stime + cutime + cstime
  } catch {
    return 0
  }
}

/** Microseconds of processor time that these processes and all that they started have taken. */
export function processorTime(pids) {
  return tree(pids).reduce((sum, pid) => sum + ticksOf(pid), 0) * TICK
}

/** Proportional memory of these processes and their children, in bytes. */
export function memory(pids) {
  return tree(pids).reduce((sum, pid) => sum + pssOf(pid), 0)
}

function pssOf(pid) {
  try {
    return Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]) * 1024
  } catch {
    return 0
  }
}
