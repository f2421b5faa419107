"""Words that came too late: those that wait for an editor, and what became of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import defer

from portal.collab.models import DocRescue
from portal.extensions import db

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rescues of a document wait for an editor, and since when the oldest does."""

    count: int
    since: datetime


def rescues_waiting(document_ids: Iterable[int]) -> dict[int, Waiting]:
    """Of these documents, those with words that were read and wait, in one statement."""
    query = (
        sa.select(DocRescue.doc_id, sa.func.count(), sa.func.min(DocRescue.at, type_=DocRescue.at.type))
        .where(DocRescue.doc_id.in_(set(document_ids)), *_waits())
        .group_by(DocRescue.doc_id)
    )
    return {doc_id: Waiting(count, since) for doc_id, count, since in db.session.execute(query)}


def open_rescues(document_id: int) -> list[DocRescue]:
    """Those that were read and wait, the oldest first, without their bytes."""
    return _listed(sa.select(DocRescue).where(DocRescue.doc_id == document_id, *_waits()).order_by(DocRescue.id))


def decided_rescues(document_id: int) -> list[DocRescue]:
    """Those that were decided, the latest first, without their bytes."""
    query = sa.select(DocRescue).where(DocRescue.doc_id == document_id, DocRescue.decided_at.is_not(None))
    return _listed(query.order_by(DocRescue.decided_at.desc(), DocRescue.id.desc()))


def rescues_by(user_id: int) -> list[DocRescue]:
    """What this person handed in, in whatever document, the latest first, without the bytes."""
    return _listed(sa.select(DocRescue).where(DocRescue.user_id == user_id).order_by(DocRescue.id.desc()))


def has_rescues(user_id: int) -> bool:
    """Whether this person handed anything in that is still kept."""
    return bool(db.session.scalar(sa.select(sa.exists().where(DocRescue.user_id == user_id))))


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    return DocRescue.decided_at.is_(None), DocRescue.read_at.is_not(None)


def _listed(query: sa.Select[DocRescue]) -> list[DocRescue]:
    return list(db.session.scalars(query.options(defer(DocRescue.body)).limit(MOST_SHOWN)))
