"""The words of a rescue: what updates add that came too late, as plain text. Pure functions of bytes; may fail.

The twin of static/js/editor/typed-text.js: block by block in the order of the document, where the document on which
the words were written is still there to say the order; what was typed and deleted again is not among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.collab.applying import clocks, worked_in_child
from portal.collab.seed import FRAGMENT
from portal.collab.structs import words_typed
from portal.richtext.document import UNREADABLE

CHILD_SECONDS = 10.0  # nobody waits longer for somebody else's words


@dataclass(frozen=True, slots=True)
class Words:
    """What a rescue says."""

    text: str


def in_child(base: list[bytes], updates: list[bytes]) -> Words:
    """`rescued_words` in a forked child, which these bytes may crash. Raises ApplyError."""
    return worked_in_child(lambda: Words(rescued_words(base, updates)), Words, seconds=CHILD_SECONDS)


def rescued_words(base: list[bytes], updates: list[bytes]) -> str:
    """The text that `updates` add to the document that `base` makes, or that they hold by themselves.

    By themselves where the document cannot place all of them: it is gone, or somebody removed the paragraph.
    Raises MalformedError, or whatever the CRDT raises.
    """
    doc: Doc[XmlFragment] = Doc()
    for update in base:
        doc.apply_update(update)
    typed = readable(words_typed(updates, clocks(doc.get_state())))
    placed = _placed(doc, updates)
    return placed if _count(placed) >= _count(typed) else typed


def readable(text: str) -> str:
    """As the editor's `readable`, without blank lines."""
    clean = UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line for line in clean.split("\n") if line.strip())


def _count(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _placed(doc: Doc[XmlFragment], updates: list[bytes]) -> str:
    """Apply the updates and read what is new, block by block in the order of the document."""
    body = doc.get(FRAGMENT, type=XmlFragment)
    inserted: dict[Any, list[Any]] = {}

    def note(events: list[Any]) -> None:
        for event in events:
            inserted[event.target] = [part["insert"] for part in event.delta if "insert" in part]

    watching = body.observe_deep(note)
    with doc.transaction():
        for update in updates:
            doc.apply_update(update)
    body.unobserve(watching)
    return readable("".join(_new_text(body, inserted, is_new=False)))


def _new_text(node: Any, inserted: dict[Any, list[Any]], *, is_new: bool) -> Iterator[str]:
    """A block ends its line. Types that came with the updates send no events of their own: all of them is new."""
    added = {child for part in inserted.get(node, []) if isinstance(part, list) for child in part}
    for child in node.children:
        if isinstance(child, XmlText):
            yield from _new_in(child, inserted, is_new=is_new or child in added)
        elif child.tag == "hard_break":
            yield "\n" if is_new or child in added else ""
        else:
            yield from _new_text(child, inserted, is_new=is_new or child in added)
    if isinstance(node, XmlElement):
        yield "\n"


def _new_in(text: XmlText, inserted: dict[Any, list[Any]], *, is_new: bool) -> Iterator[str]:
    parts = [value for value, _ in text.diff()] if is_new else inserted.get(text, [])
    return (part for part in parts if isinstance(part, str))
