// The shape of every co-edited text. Flat: ONE text-block node whose kind is an attribute, because y-prosemirror
// replaces the Yjs element when a node's type or parent changes, and what somebody else types in it at that moment
// is lost; a changed attribute merges in place. Only tables nest.
//
// Stored documents are read with this schema: y-prosemirror DELETES what does not fit. So content expressions are
// lenient (`*`), and nothing is ever narrowed without a migration of stored documents and a higher SCHEMA_VERSION.
// The marks of suggestions are here although nothing writes them yet: their coming needs no new version.
import { Schema, addSuggestionMarks, tableNodes } from "vendor/editor"

export const SCHEMA_VERSION = 1
export const FRAGMENT = "body"
export const DEEPEST_INDENT = 3

const TAGS = { p: "p", h2: "h2", h3: "h3", bullet: "p", ordered: "p", quote: "blockquote" }
export const KINDS = Object.keys(TAGS)

const clampIndent = (value) => Math.max(0, Math.min(DEEPEST_INDENT, Number(value) || 0))

function listDepth(item) {
  let depth = -1
  for (let parent = item; parent; parent = parent.parentElement) if (/^(UL|OL)$/.test(parent.tagName)) depth++
  return clampIndent(depth)
}

function blockToDOM({ attrs: { kind, indent } }) {
  const attrs = { "data-kind": kind, dir: "auto" }
  if (indent) attrs["data-indent"] = indent
  return [TAGS[kind] ?? "p", attrs, 0]
}

function attrsOfOwnBlock(element) {
  const { kind, indent } = element.dataset
  return { kind: TAGS[kind] ? kind : "p", indent: clampIndent(indent) }
}

const block = {
  content: "inline*",
  defining: true,
  attrs: { kind: { default: "p", validate: "string" }, indent: { default: 0, validate: "number" } },
  toDOM: blockToDOM,
  parseDOM: [
    { tag: "[data-kind]", getAttrs: attrsOfOwnBlock },
    { tag: "p", attrs: { kind: "p" } },
    { tag: "h1, h2", attrs: { kind: "h2" } },
    { tag: "h3, h4, h5, h6", attrs: { kind: "h3" } },
    { tag: "blockquote", attrs: { kind: "quote" } },
    { tag: "ul > li", getAttrs: (item) => ({ kind: "bullet", indent: listDepth(item) }) },
    { tag: "ol > li", getAttrs: (item) => ({ kind: "ordered", indent: listDepth(item) }) },
  ],
}

const tables = tableNodes({ tableGroup: "", cellContent: "block*", cellAttributes: {} })
tables.table.content = "table_row*"

const nodes = {
  // No `marks` on doc and cells: y-prosemirror does not store marks of whole blocks, so a "suggested" heading
  // would be a silent real change for everybody else. Without them it fails loudly instead.
  doc: { content: "(block | table)*" },
  block,
  ...tables,
  hard_break: { inline: true, group: "inline", selectable: false, toDOM: () => ["br"], parseDOM: [{ tag: "br" }] },
  text: { group: "inline" },
}

// The reader's SAFE_LINK (portal/richtext/document.py): what it would drop is not let in.
const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s\x00-\x20\x7f\\]+$/i

/** The address as it may stand in a text, or null: web and mail addresses only, never `javascript:`. */
export function safeAddress(address) {
  const trimmed = String(address ?? "").trim()
  return SAFE_LINK.test(trimmed) ? trimmed : null
}

function linkAttrs(element) {
  const href = safeAddress(element.getAttribute("href"))
  return href ? { href } : false
}

const linkToDOM = (mark) => ["a", { href: safeAddress(mark.attrs.href) ?? "", rel: "noopener nofollow" }, 0]

// Google Docs writes bold and italic as styles of spans, and wraps all it copies in a <b> that is not bold.
// paste.js hands styles over under this name.
export const PASTED_STYLE = "data-pasted-style"
const styleOf = (element) => element.getAttribute(PASTED_STYLE) ?? ""
const isStyled = (pattern) => (element) => (pattern.test(styleOf(element)) ? null : false)
const isBold = isStyled(/font-weight:\s*(bold|[6-9]00)/i)
const isItalic = isStyled(/font-style:\s*italic/i)
const isReallyBold = (element) => (/font-weight:\s*(normal|[1-4]00)/i.test(styleOf(element)) ? false : null)

const marks = {
  link: {
    attrs: { href: { validate: "string" } },
    inclusive: false,
    parseDOM: [{ tag: "a[href]", getAttrs: linkAttrs }],
    toDOM: linkToDOM,
  },
  em: {
    parseDOM: [{ tag: "i" }, { tag: "em" }, { tag: `span[${PASTED_STYLE}]`, getAttrs: isItalic, consuming: false }],
    toDOM: () => ["em", 0],
  },
  strong: {
    parseDOM: [
      { tag: "b", getAttrs: isReallyBold },
      { tag: "strong" },
      { tag: `span[${PASTED_STYLE}]`, getAttrs: isBold, consuming: false },
    ],
    toDOM: () => ["strong", 0],
  },
  sup: { excludes: "sub", parseDOM: [{ tag: "sup" }], toDOM: () => ["sup", 0] },
  sub: { excludes: "sup", parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
}

export const schema = new Schema({ nodes, marks: addSuggestionMarks(marks) })
