// Time on a page, as portal/web/times.py says it on the server; tests/browser/test_times.py compares the two.
import { confirmedZone } from "lib/page"

const language = () => document.documentElement.lang || "en"

const formats = new Map()

// A moment in a zone: { weekday, day, month, monthNumber, year, hour, minute }, names in the page's language.
export function parts(moment, zone) {
  const key = `${language()} ${zone}`
  if (!formats.has(key)) {
    const asNumbers = { timeZone: zone, calendar: "gregory", numberingSystem: "latn" }
    formats.set(key, [
      new Intl.DateTimeFormat(language(), {
        ...asNumbers, hourCycle: "h23",
        weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit"
      }),
      new Intl.DateTimeFormat("en", { ...asNumbers, month: "numeric" })
    ])
  }
  const [ words, numbers ] = formats.get(key)
  const found = Object.fromEntries(words.formatToParts(moment).map(({ type, value }) => [ type, value ]))
  return { ...found, monthNumber: Number(numbers.format(moment)) }
}

export const city = (zone) => zone.split("/").at(-1).replaceAll("_", " ")

const clock = ({ hour, minute }) => `${hour}:${minute}`
const dayKey = ({ day, month, year }) => `${day} ${month} ${year}`

// "Thu 14:00"
export function localTime(moment, zone) {
  const local = parts(moment, zone)
  return `${local.weekday} ${clock(local)}`
}

// The reader's hour of a thing in another zone: "23:00", or "Sat 02:00" on another day, or "" when the clocks agree.
export function hourForReader(moment, zone, reader) {
  const there = parts(moment, zone), here = parts(moment, reader)
  if (dayKey(there) !== dayKey(here)) return localTime(moment, reader)
  return clock(there) === clock(here) ? "" : clock(here)
}

// "Today, 16:48", "Yesterday, 09:12", "3 Nov, 09:12", "3 Nov 2025, 09:12"
export function happened(moment, zone, now = new Date()) {
  const then = parts(moment, zone), today = parts(now, zone)
  const days = daysBetween(then, today)
  if (days === 0 || days === 1) return `${dayWord(-days)}, ${clock(then)}`
  const date = `${then.day} ${then.month}`
  return then.year === today.year ? `${date}, ${clock(then)}` : `${date} ${then.year}, ${clock(then)}`
}

const daysBetween = (earlier, later) => (midnight(later) - midnight(earlier)) / 86_400_000

function midnight({ day, monthNumber, year }) {
  return Date.UTC(Number(year), monthNumber - 1, Number(day))
}

function dayWord(days) {
  const word = new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(days, "day")
  return word.charAt(0).toLocaleUpperCase(language()) + word.slice(1)
}

// The reader's zone: the one confirmed in the account, else the device's.
export function readerZone() {
  return confirmedZone() || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"
}
