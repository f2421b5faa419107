"""Lists, nested as the page nests them."""

from __future__ import annotations

from collections.abc import Iterable

from portal.richtext.document import Block
from portal.richtext.document_markdown.lines import paragraph


def list_of(items: Iterable[Block]) -> str:
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
        lines = (paragraph(item.runs) or "&nbsp;").split("\n")
        out.append(margin + marker + lines[0])
        out += [margin + " " * len(marker) + line for line in lines[1:]]
    return "\n".join(out)


def _marker(kind: str, number: int) -> str:
    return "- " if kind == "bullet" else f"{number}. "
