"""Text inside a block: where marks and links begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from portal.richtext.document import Run
from portal.richtext.document_markdown.escaping import BLANKS, NO_CHARACTERS, as_reference, escaped_text

# Strong and emphasis never share a character, so that "**" beside "_" is never read as one run.
DELIMITERS = {"strong": "**", "em": "_"}

Marks = tuple[str, ...]  # from outside to inside: "[" and the address of a link, then "**", then "_"


@dataclass(slots=True)
class _Piece:
    """Text with one set of marks. White space at an edge of marked text is a piece of its own: no mark ends at it."""

    text: str
    marks: Marks = ()
    is_blank: bool = False


def inline(runs: Iterable[Run], line_end: str) -> str:
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
        text = piece.text if piece.is_blank else escaped_text(piece.text, in_link=in_link)
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
            before = before[:-1] + as_reference(before[-1])
    if (
        not opening
        and after
        and closing[-1][0] != "["
        and (closing[-1] == "_" or not (alone and before[-1:].isalnum()))
    ):
        after = as_reference(after[0]) + after[1:]
    return before, after
