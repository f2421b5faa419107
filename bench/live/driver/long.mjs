// The long document: a trace typed twice by one client. Kept as framed updates: the state, then the last of it one by one.
import { readFileSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const TAIL = 400 // updates that the portal's log would still hold beside the state

export function* readLong(path) {
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    yield bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
}

async function makeLong(trace, path) {
  const Y = await import("yjs")
  const { load, type } = await import("./traces.mjs")
  const { txns, endContent } = load(trace)
  const doc = new Y.Doc()
  const tail = []
  let state = null
  doc.on("update", (update) => state && tail.push(update))
  for (const block of [0, 1]) {
    const element = new Y.XmlElement("block")
    element.setAttribute("kind", "p")
    const text = new Y.XmlText()
    element.insert(0, [text])
    doc.getXmlFragment("body").insert(block, [element])
    txns.forEach((txn, number) => {
      if (block === 1 && number === txns.length - TAIL) state = Y.encodeStateAsUpdate(doc)
      type(doc, text, txn)
    })
    if (text.toString() !== endContent) throw new Error("the trace does not end as it says")
  }
  writeFileSync(path, Buffer.concat([state, ...tail].flatMap((update) => [lengthOf(update), update])))
}

function lengthOf(update) {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(update.length)
  return length
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await makeLong(...process.argv.slice(2))
