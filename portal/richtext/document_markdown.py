"""A shared document's blocks as Markdown, for whoever takes the text elsewhere.

Whatever looks like Markdown is escaped: read back (CommonMark with tables), the file says what the document says.
Markdown has no indices and no cells over several columns: the first become plain text, the second are filled up with
empty cells. White space at the edges of a line, empty paragraphs and line ends inside headings and cells are lost.
Source: https://spec.commonmark.org/0.31.2/ and, for tables, https://github.github.com/gfm/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from portal.richtext.document import LISTS, Block, Part, Run, Table

# The file's title and the section's title stand above what is a heading in the document.
HEADINGS = {"h2": "###", "h3": "####"}
# Strong and emphasis never share a character, so that "**" beside "_" is never read as one run.
DELIMITERS = {"strong": "**", "em": "_"}
MAX_COLUMNS = 50

# What no character reference may name: C1 controls (some are line ends to some readers) and Unicode's noncharacters.
BLANKS = re.compile("[\t\x80-\x9f\u2028\u2029]")
NO_CHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
SPECIAL = re.compile(r"[\\`*_\[\]~|]|<(?=[A-Za-z/!?]|$)|&(?=#?[A-Za-z0-9]+;)")
# Beside those, what readers of Markdown turn into links by themselves, and then show in another spelling.
LINKING = re.compile(SPECIAL.pattern + r"|@|(?<=/)/|(?<=[Ww]{3})\.")
LINE_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+](?=[\s:-]|$)|=+$|>|:-)")
NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
LAST_HASHES = re.compile(r"(?:^|(?<=\s))#+$")
ADDRESS = re.compile(r"https?://[^\s<>]+|[\w.+-]{1,64}@[\w.-]{1,255}", re.IGNORECASE)
CLEAR_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{2,5})?(?:[/?#][A-Za-z0-9/._~=+?#,;-]*)?"
    r"|[a-z0-9][a-z0-9.+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
)
AFTER_ADDRESS = ".,;:!?)]}'\"*_~"
PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def markdown(parts: Iterable[Part]) -> str:
    """The document in Markdown, without an empty line at its end; "" when nothing is written in it."""
    out: list[str] = []
    for is_list, group in groupby(parts, lambda part: isinstance(part, Block) and part.kind in LISTS):
        if is_list:
            out.append(_list(part for part in group if isinstance(part, Block)))
        else:
            out += [_table(part) if isinstance(part, Table) else _block(part) for part in group]
    return "\n\n".join(piece for piece in out if piece)


def escaped(text: str) -> str:
    """One line of plain text as it stands in a paragraph or a heading: its line ends become blanks."""
    return _heading_line(" ".join(text.split()))


# Blocks.


def _block(block: Block) -> str:
    if block.kind in HEADINGS:
        line = " ".join(_inline(block.runs, " ").split("\n"))
        return f"{HEADINGS[block.kind]} {LAST_HASHES.sub(_behind_backslash, line)}" if line else ""
    text = _paragraph(block.runs)
    return "\n".join(f"> {line}" for line in text.split("\n")) if text and block.kind == "quote" else text


def _paragraph(runs: Iterable[Run]) -> str:
    """Lines that a backslash joins to one paragraph, none of which begins as something else."""
    lines = [_line_start(line) for line in _inline(runs, "\n").split("\n")]
    return "\\\n".join(lines)


def _line_start(line: str) -> str:
    line = LINE_START.sub(_behind_backslash, line, count=1) if LINE_START.match(line) else line
    numbered = NUMBERED.match(line)
    return f"{numbered[1]}\\{line[numbered.end(1) :]}" if numbered else line


def _heading_line(text: str) -> str:
    line = _inline((Run(text),), " ")
    return LAST_HASHES.sub(_behind_backslash, _line_start(line))


def _behind_backslash(match: re.Match[str]) -> str:
    return "\\" + match[0]


# Lists.


def _list(items: Iterable[Block]) -> str:
    """Flat items nested as the page nests them: an item may go one level deeper than the one before it, not more."""
    out: list[str] = []
    open_lists: list[tuple[str, int]] = []  # (kind, how many items so far)
    for item in items:
        depth = min(item.indent, len(open_lists))
        del open_lists[depth + 1 :]
        kind, number = open_lists.pop() if len(open_lists) > depth else (item.kind, 0)
        if not depth and kind != item.kind and out:
            out.append("")  # a list of the other kind begins
        open_lists.append((item.kind, number + 1 if kind == item.kind else 1))
        margin = " " * sum(len(_marker(*each)) for each in open_lists[:-1])
        marker = _marker(*open_lists[-1])
        # An item without text would, below its parent's, make that a heading.
        lines = (_paragraph(item.runs) or "&nbsp;").split("\n")
        out.append(margin + marker + lines[0])
        out += [margin + " " * len(marker) + line for line in lines[1:]]
    return "\n".join(out)


def _marker(kind: str, number: int) -> str:
    return "- " if kind == "bullet" else f"{number}. "


# Tables.


def _table(table: Table) -> str:
    """The first row is the header: a table in Markdown must have one."""
    rows = list(_grid(table))
    width = max(map(len, rows), default=0)
    if not any(map(any, rows)):
        return ""
    header = rows[0] + [""] * (width - len(rows[0]))
    return "\n".join(_row(row) for row in (header, ["---"] * width, *rows[1:]))


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells or [""]) + " |"


def _grid(table: Table) -> Iterator[list[str]]:
    """Rows of texts in their columns. Up to `MAX_COLUMNS` the columns of spanning cells are kept free."""
    held: dict[int, int] = {}  # column -> for how many rows a cell from above stands in it
    for row in table.rows:
        line: list[str] = []
        below: dict[int, int] = {column: rows - 1 for column, rows in held.items() if rows > 1}
        for cell in row:
            while len(line) in held:
                line.append("")
            for column in range(len(line), min(len(line) + cell.colspan, MAX_COLUMNS)):
                if cell.rowspan > 1:
                    below[column] = cell.rowspan - 1
            free = max(0, min(cell.colspan - 1, MAX_COLUMNS - len(line) - 1))
            line += [" ".join(filter(None, (_inline(block.runs, " ") for block in cell.blocks))), *[""] * free]
        while line and not line[-1]:
            line.pop()
        held = below
        yield line


# Text inside a block.

Marks = tuple[str, ...]  # from outside to inside: "[" and the address of a link, then "**", then "_"


@dataclass(slots=True)
class _Piece:
    """Text with one set of marks. White space at an edge of marked text is a piece of its own: no mark ends at it."""

    text: str
    marks: Marks = ()
    is_blank: bool = False


def _inline(runs: Iterable[Run], line_end: str) -> str:
    """The runs in Markdown, with `line_end` for each line end. No line has white space at its edges."""
    lines = _with_marks(_pieces(runs)).strip().split("\n")
    return line_end.join(line.strip() for line in lines)


def _pieces(runs: Iterable[Run]) -> list[_Piece]:
    pieces: list[_Piece] = []
    for marks, group in groupby(runs, _marks):
        text = NO_CHARACTERS.sub("", BLANKS.sub(" ", "".join(run.text for run in group)))
        pieces += [_Piece(part, marks, part.isspace()) for part in _split(text) if part]
    _mark_blanks(pieces)
    return pieces


def _mark_blanks(pieces: list[_Piece]) -> None:
    """White space has the marks that the words on both sides of it share; at the end of a line it has none."""
    after: Marks = ()
    for piece in reversed(pieces):
        if piece.is_blank:
            after = piece.marks = () if piece.text == "\n" else after
        else:
            after = piece.marks
    before: Marks = ()
    for piece in pieces:
        if piece.is_blank and piece.text != "\n":
            piece.marks = _common(before, piece.marks)
        else:
            before = piece.marks


def _split(text: str) -> Iterator[str]:
    """The text in parts, the white space around each of its lines apart."""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield "\n"
        inner = line.strip()
        start = line.find(inner)
        yield from (line[:start], inner, line[start + len(inner) :])


def _marks(run: Run) -> Marks:
    link = (f"[{run.link}",) if run.link else ()
    return (*link, *(delimiter for mark, delimiter in DELIMITERS.items() if mark in run.marks))


def _common(one: Marks, other: Marks) -> Marks:
    """The marks, from outside, that two neighbours have in common."""
    count = next((at for at, (mine, yours) in enumerate(zip(one, other, strict=False)) if mine != yours), None)
    return one[: min(len(one), len(other)) if count is None else count]


def _with_marks(pieces: list[_Piece]) -> str:
    out = [""]
    open_marks: Marks = ()
    for piece in [*pieces, _Piece("")]:
        kept = _common(open_marks, piece.marks)
        closing, opening = open_marks[len(kept) :][::-1], piece.marks[len(kept) :]
        in_link = bool(piece.marks) and piece.marks[0].startswith("[")
        text = piece.text if piece.is_blank else _escaped(piece.text, in_link=in_link)
        if closing or opening:
            out[-1], text = _parted(out[-1], closing, opening, text)
        out += [*map(_close, closing), *("[" if mark[0] == "[" else mark for mark in opening), text]
        open_marks = piece.marks
    return "".join(out)


def _close(mark: str) -> str:
    return f"]({_destination(mark[1:])})" if mark[0] == "[" else mark


def _destination(address: str) -> str:
    """The address of a link: no blank is in it (`document.SAFE_LINK`), and nothing may end it early."""
    quoted = address.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    quoted = re.sub(r"&(?=#?[A-Za-z0-9]+;)", "&amp;", quoted)
    return f"<{quoted}>" if set(quoted) & set("()") else quoted


def _parted(before: str, closing: Marks, opening: Marks, after: str) -> tuple[str, str]:
    """The texts on both sides of marks, with a letter that hides a mark written as a reference ("&#x61;").

    Whether "**" opens or closes depends on the characters beside it; after a letter "_" never opens. A reference
    reads as punctuation outside and as the letter inside.
    """
    alone = len(closing) + len(opening) == 1
    if not closing and before:
        if opening[0][0] == "[":
            before = f"{before[:-1]}\\!" if before[-1] == "!" else before
        elif opening[0] == "_" or not (alone and after[:1].isalnum()):
            before = before[:-1] + _as_reference(before[-1])
    if (
        not opening
        and after
        and closing[-1][0] != "["
        and (closing[-1] == "_" or not (alone and before[-1:].isalnum()))
    ):
        after = _as_reference(after[0]) + after[1:]
    return before, after


def _as_reference(character: str) -> str:
    is_clear = character in PUNCTUATION or (character.isspace() and character.isascii())
    return character if is_clear else f"&#x{ord(character):X};"


def _escaped(text: str, *, in_link: bool) -> str:
    if in_link:
        return SPECIAL.sub(_behind_backslash, text)
    out, position = "", 0
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(AFTER_ADDRESS)
        if CLEAR_ADDRESS.fullmatch(address) and "xn--" not in address:
            out += LINKING.sub(_behind_backslash, text[position : match.start()]) + f"<{address}>"
            position = match.start() + len(address)
    return out + LINKING.sub(_behind_backslash, text[position:])
