"""Squashing: a tail that has grown long or old becomes part of the stored state. The log stays."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from portal.collab.models import DocHead, DocState, DocUpdate
from portal.extensions import db


@dataclass(frozen=True, slots=True)
class Stored:
    """What the log is applied to. `has_failed`: it could not be, the last time."""

    seq: int
    epoch: int
    has_failed: bool
    body: bytes


def store_state(document_id: int, stored: Stored, tail: int, state: bytes) -> None:
    """The verified state, only over the one it was made from. The log stays; the head's size shrinks with it."""
    store = (
        sa.update(DocState)
        .where(DocState.doc_id == document_id, DocState.epoch == stored.epoch, DocState.seq == stored.seq)
        .values(seq=stored.seq + tail, body=state)
        .execution_options(synchronize_session=False)
    )
    if not db.session.execute(store).rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        return
    later = sa.select(sa.func.coalesce(sa.func.sum(sa.func.length(DocUpdate.body)), 0)).where(
        DocUpdate.doc_id == document_id, DocUpdate.seq > stored.seq + tail
    )
    resize = sa.update(DocHead).where(DocHead.doc_id == document_id)
    db.session.execute(
        resize.values(size=later.scalar_subquery() + len(state)).execution_options(synchronize_session=False)
    )
