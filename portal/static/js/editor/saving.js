// The state of saving in words. "Saved" means that nothing waits: one unacknowledged letter makes it "Saving".
import { readerZone } from "lib/times"

const ENDED = { signed_out: "signed_out", schema: "outdated", gone: "gone" }

/** {name, values, tone} for a provider: a sentence's name with its values, and how it looks (calm, waiting, away). */
export function savingState({ line, ended, role, standing, pending, remembered, savedAt, isLate = false }) {
  if (ended) return { name: ENDED[ended] ?? "gone", tone: "away" }
  if (isLate && !pending) return { name: "late", tone: "away" }
  if (line === "connecting") return { name: "connecting", tone: "waiting" }
  if (line === "offline" && pending) {
    return remembered // the sentence promises that they are on this device
      ? { name: "offline_changes", values: { count: remembered }, tone: "away" }
      : { name: "offline_unkept", tone: "away" }
  }
  if (line === "offline") return { name: "offline", tone: "away" }
  if (standing !== "open") return { name: standing, tone: "calm" }
  if (role !== "write") return { name: "read_only", tone: "calm" }
  if (pending) return { name: "saving", tone: "waiting" }
  return { name: "saved", values: { at: savedAt }, tone: "calm" }
}

/** "14:02:10" on the reader's clock. */
export function clock(at, zone = readerZone()) {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }
  return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone }).format(at)
}
