"""The document block by block: headings, quotations, paragraphs, and what `lists` and `tables` write."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from portal.richtext.document import LISTS, Block, Part, Table
from portal.richtext.document_markdown.escaping import LAST_HASHES, behind_backslash
from portal.richtext.document_markdown.inline import inline
from portal.richtext.document_markdown.lines import heading_line, paragraph
from portal.richtext.document_markdown.lists import list_of
from portal.richtext.document_markdown.tables import table_of

# The file's title and the section's title stand above what is a heading in the document.
HEADINGS = {"h2": "###", "h3": "####"}


def markdown(parts: Iterable[Part]) -> str:
    """The document in Markdown, without an empty line at its end; "" when nothing is written in it."""
    out: list[str] = []
    for is_list, group in groupby(parts, lambda part: isinstance(part, Block) and part.kind in LISTS):
        if is_list:
            out.append(list_of(part for part in group if isinstance(part, Block)))
        else:
            out += [table_of(part) if isinstance(part, Table) else _block(part) for part in group]
    return "\n\n".join(piece for piece in out if piece)


def escaped(text: str) -> str:
    """One line of plain text as it stands in a paragraph or a heading: its line ends become blanks."""
    return heading_line(" ".join(text.split()))


def _block(block: Block) -> str:
    if block.kind in HEADINGS:
        line = " ".join(inline(block.runs, " ").split("\n"))
        return f"{HEADINGS[block.kind]} {LAST_HASHES.sub(behind_backslash, line)}" if line else ""
    text = paragraph(block.runs)
    return "\n".join(f"> {line}" for line in text.split("\n")) if text and block.kind == "quote" else text
