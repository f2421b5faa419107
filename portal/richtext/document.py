"""Read what the editor writes: `Y.XmlFragment` of flat blocks -> blocks -> plain text and HTML. No JavaScript.

The tree comes from other people's browsers, so nothing in it is trusted: unknown elements read as paragraphs,
unknown marks and attributes are left out, and every character of the HTML is escaped or comes from this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from pycrdt import XmlElement, XmlFragment, XmlText

KINDS = ("p", "h2", "h3", "bullet", "ordered", "quote")
LISTS = {"bullet": "ul", "ordered": "ol"}
MARKS = ("strong", "em", "sup", "sub")
MAX_INDENT = 3
MAX_DEPTH = 12
MAX_SPAN = 100
HEADING_TAG = re.compile("(</?h)([23])(?=[ >])")  # in text "<" is escaped

SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20\x7f\\]+", re.IGNORECASE)
# PostgreSQL's text cannot hold U+0000, and no control character is meant to be read; U+200B is what suggestions leave.
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Run:
    """Text under one set of marks; a hard break is a line end in it. `link` is a checked address or ""."""

    text: str
    marks: frozenset[str] = frozenset()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One text block: paragraph, heading, list item or quotation. `indent` is 0 to 3."""

    kind: str = "p"
    indent: int = 0
    runs: tuple[Run, ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Cell:
    blocks: tuple[Block, ...]
    is_header: bool = False
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    rows: list[tuple[Cell, ...]] = field(default_factory=list)


Part = Block | Table


class NoTextError(ValueError):
    """Something stands in the document that is neither element nor text: what follows it cannot be reached."""


def read(fragment: XmlFragment) -> list[Part]:
    """The document's blocks and tables, in order. Raises NoTextError."""
    parts: list[Part] = []
    for child in _children(fragment):
        parts.append(_table(child) if isinstance(child, XmlElement) and child.tag == "table" else _block(child))
    return parts


def _children(node: XmlFragment | XmlElement) -> list[Any]:
    """All of them: the CRDT's iterator ends without a word where something stands that is no XML (pycrdt 0.14)."""
    children = list(node.children)
    if len(children) != len(node.children):
        raise NoTextError("something in the document is neither element nor text")
    return children


def plain_text(parts: Iterable[Part]) -> str:
    """The text that is counted and searched: blocks (also those of table cells) joined by a line end."""
    return "\n".join(block.text for block in blocks(parts))


def blocks(parts: Iterable[Part]) -> Iterator[Block]:
    """Every text block in reading order."""
    for part in parts:
        if isinstance(part, Block):
            yield part
            continue
        for row in part.rows:
            for cell in row:
                yield from cell.blocks


def html(parts: Iterable[Part]) -> str:
    """HTML that is safe by construction: fixed tags, escaped text, links to http, https and mailto only."""
    out: list[str] = []
    open_lists: list[str] = []
    for part in parts:
        if isinstance(part, Block) and part.kind in LISTS:
            _list_item(part, out, open_lists)
            continue
        _close_lists(out, open_lists, 0)
        out.append(_table_html(part) if isinstance(part, Table) else _block_html(part))
    _close_lists(out, open_lists, 0)
    return "".join(out)


def with_lower_headings(page: str) -> str:
    """HTML that `html` wrote, for a page on which each document stands below an h2 of its own."""
    return HEADING_TAG.sub(lambda match: f"{match[1]}{int(match[2]) + 1}", page)


# Reading the tree.


def _block(node: Any) -> Block:
    if isinstance(node, XmlText):
        return Block(runs=tuple(_text_runs(node)))
    attributes = dict(node.attributes)
    kind = attributes.get("kind")
    return Block(
        kind=kind if isinstance(kind, str) and kind in KINDS else "p",
        indent=_whole(attributes.get("indent"), 0, 0, MAX_INDENT),
        runs=tuple(_runs(node, MAX_DEPTH)),
    )


def _table(node: XmlElement) -> Table:
    return Table(
        [tuple(_cell(cell) for cell in _children(row)) for row in _children(node) if isinstance(row, XmlElement)]
    )


def _cell(node: Any) -> Cell:
    if isinstance(node, XmlText):
        return Cell((_block(node),))
    attributes = dict(node.attributes)
    return Cell(
        tuple(_block(child) for child in _children(node)),
        is_header=node.tag == "table_header",
        colspan=_whole(attributes.get("colspan"), 1, 1, MAX_SPAN),
        rowspan=_whole(attributes.get("rowspan"), 1, 1, MAX_SPAN),
    )


def _runs(node: Any, depth: int) -> Iterator[Run]:
    for child in _children(node):
        if isinstance(child, XmlText):
            yield from _text_runs(child)
        elif child.tag == "hard_break":
            yield Run("\n")
        elif depth:
            yield from _runs(child, depth - 1)


def _text_runs(node: XmlText) -> Iterator[Run]:
    for text, attributes in node.diff():
        if not isinstance(text, str):
            continue  # an embedded object: our schema has none
        clean = UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        if clean:
            marks = attributes or {}
            yield Run(clean, frozenset(mark for mark in MARKS if mark in marks), _safe_link(marks.get("link")))


def _safe_link(mark: Any) -> str:
    href = mark.get("href") if isinstance(mark, dict) else None
    return href if isinstance(href, str) and SAFE_LINK.fullmatch(href) else ""


def _whole(value: Any, default: int, low: int, high: int) -> int:
    """Numbers come from JavaScript as floats, or as anything from somebody who is not our editor."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  # NaN
        return default
    return int(max(low, min(high, value)))


# Writing HTML. Member text names its own direction, so that Persian reads right inside an English page.

TAGS = {"h2": "h2", "h3": "h3", "quote": "blockquote"}


def _block_html(block: Block) -> str:
    tag = TAGS.get(block.kind, "p")
    return f'<{tag} dir="auto">{_inline(block.runs)}</{tag}>'


def _inline(runs: Iterable[Run]) -> str:
    return "".join(_run_html(run) for run in runs)


def _run_html(run: Run) -> str:
    out = escape(run.text).replace("\n", "<br>")
    for mark in MARKS:
        if mark in run.marks:
            out = f"<{mark}>{out}</{mark}>"
    if run.link:
        out = f'<a href="{escape(run.link)}" rel="noopener nofollow">{out}</a>'
    return out


def _list_item(block: Block, out: list[str], open_lists: list[str]) -> None:
    """Flat items become nested lists; an item may go one level deeper than the one before it, not more."""
    tag, depth = LISTS[block.kind], min(block.indent, len(open_lists)) + 1
    _close_lists(out, open_lists, depth)
    if len(open_lists) == depth and open_lists[-1] != tag:
        _close_lists(out, open_lists, depth - 1)
    if len(open_lists) == depth:
        out.append('</li><li dir="auto">')
    else:
        open_lists.append(tag)
        out.append(f'<{tag}><li dir="auto">')
    out.append(_inline(block.runs))


def _close_lists(out: list[str], open_lists: list[str], depth: int) -> None:
    while len(open_lists) > depth:
        out.append(f"</li></{open_lists.pop()}>")


def _table_html(table: Table) -> str:
    rows = ("".join(_cell_html(cell) for cell in row) for row in table.rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _cell_html(cell: Cell) -> str:
    tag, scope = ("th", ' scope="col"') if cell.is_header else ("td", "")
    spans = "".join(
        f' {name}="{span}"' for name, span in (("colspan", cell.colspan), ("rowspan", cell.rowspan)) if span > 1
    )
    return f"<{tag}{scope}{spans}>{html(cell.blocks)}</{tag}>"
