// A document as plain text, exactly as the server's reader makes it (portal/richtext/document.py), so that the
// number under the text and the number on the other pages are the same.

// Control characters and zero-width leftovers, as the reader's UNREADABLE.
const UNREADABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff]/g

export const readable = (text) => text.replace(/\r\n?/g, "\n").replace(UNREADABLE, "")

function textOfBlock(block) {
  let text = ""
  block.forEach((node) => {
    if (node.type.name === "hard_break") text += "\n"
    else if (node.isText) text += readable(node.text)
  })
  return text
}

/** The blocks' texts, those of table cells included, joined by line ends. */
export function plainText(doc) {
  const blocks = []
  doc.descendants((node) => {
    if (!node.isTextblock) return true
    blocks.push(textOfBlock(node))
    return false
  })
  return blocks.join("\n")
}
