"""Tables, as far as Markdown has them."""

from __future__ import annotations

from collections.abc import Iterator

from portal.richtext.document import Table
from portal.richtext.document_markdown.inline import inline

MAX_COLUMNS = 50


def table_of(table: Table) -> str:
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
            line += [" ".join(filter(None, (inline(block.runs, " ") for block in cell.blocks))), *[""] * free]
        while line and not line[-1]:
            line.pop()
        held = below
        yield line
