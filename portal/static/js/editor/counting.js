// How funders count, twin of portal/richtext/counting.py: tests/data/counting.json holds both to the same answers.
// A rule takes plain text and gives a whole number; where a rule comes from stands in the twin.

// Unicode's White_Space, written out: JavaScript's \s also splits at U+FEFF and not at U+0085.
const WHITE_SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/
const INVISIBLE = /[\u200b\ufeff]/g

const settled = (text) => text.replace(/\r\n?/g, "\n").replace(INVISIBLE, "")

export const rules = {
  ws: (text) => settled(text).split(WHITE_SPACE).filter(Boolean).length,
  chars: (text) => [...settled(text)].length,
}

/** The count by a rule's id; for a rule that is not known here, words as Word counts them. */
export function count(rule, text) {
  return (rules[rule] ?? rules.ws)(text)
}
