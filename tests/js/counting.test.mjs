import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import test from "node:test"
import { count, rules } from "editor/counting"

const corpus = JSON.parse(readFileSync(new URL("../data/counting.json", import.meta.url), "utf8"))

for (const { name, text, ...expected } of corpus) {
  test(`counts as the server does: ${name}`, () => {
    for (const rule of Object.keys(rules)) assert.equal(count(rule, text), expected[rule], rule)
  })
}

test("a rule that is not known counts words as Word does", () => {
  assert.equal(count("unknown", "two words"), 2)
})
