// Editing traces: {startContent, endContent, txns: [{patches: [[position, deleted, inserted]]}]}. Positions count code
// points and Yjs counts UTF-16 units, so only traces within the Basic Multilingual Plane are taken.
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

const loaded = new Map()

export function load(path) {
  if (!loaded.has(path)) loaded.set(path, read(path))
  return loaded.get(path)
}

function read(path) {
  const trace = JSON.parse(gunzipSync(readFileSync(path)).toString())
  const isAstral = trace.txns.some(({ patches }) => patches.some(([, , inserted]) => /[\ud800-\udfff]/.test(inserted)))
  if (isAstral) throw new Error(`${path} has characters beyond the Basic Multilingual Plane`)
  return trace
}

/** The trace's text after its first `count` transactions. */
export function contentAfter({ startContent, txns }, count) {
  let content = startContent
  for (const { patches } of txns.slice(0, count)) {
    for (const [at, deleted, inserted] of patches) {
      content = content.slice(0, at) + inserted + content.slice(at + deleted)
    }
  }
  return content
}

/** One transaction of a trace, typed into `text`. */
export function type(doc, text, { patches }) {
  doc.transact(() => {
    for (const [at, deleted, inserted] of patches) {
      if (deleted) text.delete(at, deleted)
      if (inserted) text.insert(at, inserted)
    }
  })
}
