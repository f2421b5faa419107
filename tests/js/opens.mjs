// Reads framed updates from a file: a state, then what passed the server's gate. Prints what a browser makes of them.
import fs from "node:fs"
import { Y } from "vendor/editor"
import { unframe } from "editor/framing"

const [state, ...updates] = unframe(new Uint8Array(fs.readFileSync(process.argv[2])))

function opened(...parts) {
  const doc = new Y.Doc()
  for (const part of parts) Y.applyUpdate(doc, part)
  const again = new Y.Doc()
  Y.applyUpdate(again, Y.encodeStateAsUpdate(doc))
  return again.getXmlFragment("body").toString()
}

const broken = updates.filter((update) => {
  try {
    opened(state, update)
    return false
  } catch (error) {
    console.error(Buffer.from(update).toString("hex"), error.message)
    return true
  }
})
console.log(JSON.stringify({ read: updates.length, broken: broken.length, all: opened(state, ...updates).length }))
