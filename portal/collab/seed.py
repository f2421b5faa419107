"""The one place where a document's first content is made: on the server, when the document is created."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.richtext import document as richtext
from portal.richtext.document_markdown import markdown

FRAGMENT = "body"


@dataclass(frozen=True, slots=True)
class Seed:
    """A first state and what it reads as."""

    state: bytes
    client_id: int
    text: str
    html: str
    markdown: str


def seed(paragraphs: Sequence[tuple[str, str]]) -> Seed:
    """Blocks of (kind, text) as a Yjs state; one empty paragraph when there are none.

    Our own content in a document of its own: no foreign bytes are applied here.
    """
    doc: Doc[XmlFragment] = Doc()
    fragment = doc.get(FRAGMENT, type=XmlFragment)
    with doc.transaction():
        for kind, text in paragraphs or [("p", "")]:
            if kind not in richtext.KINDS:
                raise ValueError(f"no such kind of block: {kind}")
            attributes: Any = {"kind": kind, "indent": 0}  # pycrdt's types say strings; numbers stay numbers
            block = fragment.children.append(XmlElement("block", attributes))
            if text:
                block.children.append(XmlText(text))
    parts = richtext.read(fragment)
    return Seed(doc.get_update(), doc.client_id, richtext.plain_text(parts), richtext.html(parts), markdown(parts))
