"""A document comes into the world."""

from __future__ import annotations

from collections.abc import Sequence

from portal.clock import utcnow
from portal.collab.models import DocAuthor, DocHead, DocState, Document
from portal.collab.protocol import SCHEMA
from portal.collab.seed import seed
from portal.extensions import db
from portal.richtext.counting import count


def create_document(kind: str, paragraphs: Sequence[tuple[str, str]] = ()) -> Document:
    """A document of a registered kind, seeded with blocks of (kind, text) and readable at once. Flushes.

    Raises ValueError for a block kind that the schema does not have.
    """
    seeded = seed(paragraphs)
    document = Document(kind=kind, schema=SCHEMA)
    db.session.add(document)
    db.session.flush()
    db.session.add_all(
        (
            DocHead(doc_id=document.id, size=len(seeded.state)),
            # Nobody's: a person who claims this client id later is refused.
            DocAuthor(doc_id=document.id, client_id=seeded.client_id, user_id=None),
            DocState(
                doc_id=document.id,
                read_at=utcnow(),
                counts=count(seeded.text),
                text=seeded.text,
                html=seeded.html,
                markdown=seeded.markdown,
                body=seeded.state,
            ),
        )
    )
    db.session.flush()
    return document
