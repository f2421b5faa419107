"""A person leaves the documents: the text stays, the name goes."""

from __future__ import annotations

import sqlalchemy as sa

from portal.collab.log import locked_heads
from portal.collab.models import DocAuthor, DocHead, DocNumber, DocQuarantine, DocRescue, DocUpdate, DocVersion
from portal.extensions import db

NAMED = (
    DocAuthor.user_id,
    DocUpdate.user_id,
    DocVersion.user_id,
    DocRescue.user_id,
    DocRescue.decided_by_id,
    DocQuarantine.user_id,
    DocHead.locked_by_id,
)


def hold_documents_of(user_id: int) -> None:
    """Lock the heads of the documents that the person wrote in, before anything of theirs is changed: the writer
    takes heads first, then sessions and people, and whoever takes them in another order waits for it in a ring."""
    written = db.session.scalars(sa.select(DocAuthor.doc_id).where(DocAuthor.user_id == user_id).distinct())
    locked_heads(set(written))


def forget_person(user_id: int) -> None:
    """Blank the person wherever documents name them. The Yjs client ids stay nobody's: nobody can claim them.

    Their sessions must have ended in the same transaction, so that nothing of theirs is appended afterwards.
    """
    quiet = {"synchronize_session": False}
    for column in NAMED:
        blank = sa.update(column.class_).where(column == user_id).values({column.key: None})
        db.session.execute(blank, execution_options=quiet)
    db.session.execute(sa.delete(DocNumber).where(DocNumber.user_id == user_id), execution_options=quiet)
