// Typing that turns into form: "- " a list, "1. " a numbered one, "## " a heading, "> " a quote; quotation marks curl.
import { InputRule, ellipsis, emDash, inputRules, smartQuotes } from "vendor/editor"

function blockRule(pattern, kind) {
  return new InputRule(pattern, (state, _match, start, end) => {
    const { parent } = state.doc.resolve(start)
    if (parent.attrs.kind !== "p") return null
    const transaction = state.tr.delete(start, end)
    return transaction.setNodeAttribute(transaction.doc.resolve(start).before(), "kind", kind)
  })
}

export const rules = [
  ...smartQuotes,
  ellipsis,
  emDash,
  blockRule(/^\s*[-*]\s$/, "bullet"),
  blockRule(/^1[.)]\s$/, "ordered"),
  blockRule(/^##\s$/, "h2"),
  blockRule(/^###\s$/, "h3"),
  blockRule(/^>\s$/, "quote"),
]

export const typingRules = () => inputRules({ rules })
