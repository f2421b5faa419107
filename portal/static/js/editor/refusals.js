// What follows when the server refuses: another try, another line, a new document, or the end.
const FINAL = new Set(["not_found", "forbidden", "malformed"])
const OUTDATED = new Set(["schema", "proto"])

export class Refusals {
  /** `open()` asks again at once, `again(ms)` later; for the rest see provider.js. */
  constructor({ open, again, renewLine, startAnew, putOut, end }) {
    Object.assign(this, { open, again, renewLine, startAnew, putOut, end })
    this.slowed = 0 // how often in a row the server asked to go slower
  }

  ofOpening({ code, message = "", retry }) {
    if (code === "silent") this.renewLine()
    else if (code === "signed_out") this.end(code)
    else if (OUTDATED.has(code)) this.end("schema")
    else if (FINAL.has(code)) this.putOut(code, message)
    else this.again((retry ?? 2) * 1000)
  }

  ofEdit({ n, code, message }) {
    if (code === "rate") return this.again(1000 * Math.min(++this.slowed, 5)) // the same edits, the same numbers
    const isPutOut = code === "gone" || n === 0 // signed out, or without a right now: `open` tells which
    if (!isPutOut) this.startAnew(code, message)
    this.open()
  }

  /** An edit was taken. */
  forget() {
    this.slowed = 0
  }
}
