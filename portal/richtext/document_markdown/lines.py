"""Lines of which none begins as something else: paragraphs and headings."""

from __future__ import annotations

from collections.abc import Iterable

from portal.richtext.document import Run
from portal.richtext.document_markdown.escaping import LAST_HASHES, LINE_START, NUMBERED, behind_backslash
from portal.richtext.document_markdown.inline import inline


def paragraph(runs: Iterable[Run]) -> str:
    """Lines that a backslash joins to one paragraph, none of which begins as something else."""
    lines = [_line_start(line) for line in inline(runs, "\n").split("\n")]
    return "\\\n".join(lines)


def _line_start(line: str) -> str:
    line = LINE_START.sub(behind_backslash, line, count=1) if LINE_START.match(line) else line
    numbered = NUMBERED.match(line)
    return f"{numbered[1]}\\{line[numbered.end(1) :]}" if numbered else line


def heading_line(text: str) -> str:
    line = inline((Run(text),), " ")
    return LAST_HASHES.sub(behind_backslash, _line_start(line))
