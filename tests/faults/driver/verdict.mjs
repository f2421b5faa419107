// What became of everything that the tabs typed, as a newcomer sees it.
import { Y } from "vendor/editor"

const stateOf = (doc) => Y.decodeStateVector(Y.encodeStateVector(doc))

/** The names of the tabs that do not hold exactly what `other` holds, deletions included. */
export function unlike(tabs, other) {
  const snapshot = Y.snapshot(other.doc)
  const isLike = (tab) =>
    Y.equalSnapshots(Y.snapshot(tab.doc), snapshot) && !tab.doc.store.pendingStructs && !tab.doc.store.pendingDs
  return tabs.filter((tab) => !isLike(tab)).map(({ name }) => name)
}

/** Counts over all typists, and for each finding a line that says which tab and which edit. */
export function verdict(typists, fresh) {
  const clocks = stateOf(fresh.doc)
  const text = fresh.blocks.join("\n")
  const found = typists.map((typist) => ofOne(typist, clocks, text, fresh))
  const sum = (name) => found.reduce((total, one) => total + one[name], 0)
  return {
    acknowledged: sum("acknowledged"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    unlike: unlike(typists.map(({ tab }) => tab), fresh),
    findings: found.flatMap(({ findings }) => findings),
    blocks: fresh.blocks,
  }
}

function ofOne(typist, clocks, text, fresh) {
  const { tab, words, label, expected, failure } = typist
  const { saved, handedBack, unsaved } = tab.ledger
  const lost = saved.filter(({ client, to }) => client !== undefined && (clocks.get(client) ?? 0) < to)
  const counts = words.map((word) => [word, text.split(`${word} `).length - 1])
  const gone = counts.filter(([, count]) => !count)
  const doubled = counts.filter(([, count]) => count > 1)
  const own = fresh.blocks.filter((block) => block.startsWith(label))
  const isAsTyped = own.length === 1 && own[0] === expected
  return {
    acknowledged: saved.length,
    lost: lost.length,
    doubled: doubled.length + Math.max(0, own.length - 1),
    findings: [
      ...(failure ? [`${tab.name}: ${failure}`] : []),
      ...lost.map(({ key, n, client, to }) => `${tab.name}: edit ${n} of ${key} (structs of ${client} up to ${to}) is lost`),
      ...unsaved.map(({ key, n }) => `${tab.name}: edit ${n} of ${key} was never acknowledged`),
      ...handedBack.map(({ key, n }) => `${tab.name}: edit ${n} of ${key} was handed back to the person`),
      ...gone.map(([word]) => `${tab.name}: the word ${word} is lost`),
      ...doubled.map(([word, count]) => `${tab.name}: the word ${word} stands ${count} times`),
      ...(isAsTyped ? [] : [`${tab.name}: its paragraph reads\n  ${own.join("\n  ") || "(nothing)"}\nand not\n  ${expected}`]),
    ],
  }
}
