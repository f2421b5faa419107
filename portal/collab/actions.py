"""The verbs of documents. Rights were asked before; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab.engine import engine
from portal.collab.models import DocAuthor, DocHead, DocState, Document
from portal.collab.protocol import SCHEMA
from portal.collab.seed import seed
from portal.extensions import db
from portal.richtext.counting import count
from portal.transaction import on_commit


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


def rights_changed(document_ids: Iterable[int]) -> None:
    """Say, in the transaction that changes rights, that everybody in these documents must be judged anew.

    From the commit on nothing is accepted from who lost the right; within a second they hear nothing more.
    """
    changed = sorted(set(document_ids))
    if not changed:
        return
    bump = sa.update(DocHead).where(DocHead.doc_id.in_(changed)).values(rights_seq=DocHead.rights_seq + 1)
    db.session.execute(bump, execution_options={"synchronize_session": False})
    on_commit(engine().rights_changed, changed)


def lock_document(document_id: int) -> None:
    """No edits from the commit on, whatever anybody's role. Doing it twice keeps the first time."""
    _set_lock(document_id, sa.func.coalesce(DocHead.locked_at, utcnow()))


def unlock_document(document_id: int) -> None:
    """Edits are taken again."""
    _set_lock(document_id, None)


def _set_lock(document_id: int, value: object) -> None:
    change = sa.update(DocHead).where(DocHead.doc_id == document_id).values(locked_at=value)
    db.session.execute(change, execution_options={"synchronize_session": False})
    rights_changed([document_id])
