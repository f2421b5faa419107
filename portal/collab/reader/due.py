"""Which documents to read now: half a second after the last edit, at latest every five seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import g

from portal.clock import utcnow
from portal.collab.models import DocHead, DocState, DocUpdate
from portal.extensions import db
from portal.transaction import rollback

QUIET = timedelta(seconds=0.5)
AT_LATEST = timedelta(seconds=5)
SQUASH_TAIL = 500
SQUASH_QUIET = timedelta(seconds=60)
MAX_DUE = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose reading is behind (or failed the last time), or whose tail has grown long or old."""

    document_id: int
    wants_state: bool
    is_unread: bool = True


def due_documents(now_please: bool) -> list[Due]:
    """The documents to read now, those that wait longest first."""
    g.is_reading = True
    now = utcnow()
    unread = DocHead.seq > DocState.read_seq
    long_tail = DocHead.seq - DocState.seq > SQUASH_TAIL
    old_tail = sa.and_(DocHead.seq > DocState.seq, DocHead.edited_at <= now - SQUASH_QUIET)
    rested = sa.or_(DocHead.edited_at <= now - QUIET, DocUpdate.at <= now - AT_LATEST)
    is_due = sa.or_(unread if now_please else sa.and_(unread, rested), DocState.failed_at.is_not(None))
    query = (
        sa.select(DocHead.doc_id, sa.or_(long_tail, old_tail).label("wants_state"), is_due.label("is_due"))
        .join(DocState, DocState.doc_id == DocHead.doc_id)
        .outerjoin(DocUpdate, sa.and_(DocUpdate.doc_id == DocHead.doc_id, DocUpdate.seq == DocState.read_seq + 1))
        .where(sa.or_(is_due, long_tail, old_tail))
        .order_by(DocHead.edited_at)
        .limit(MAX_DUE)
    )
    found = [Due(row.doc_id, bool(row.wants_state), bool(row.is_due)) for row in db.session.execute(query)]
    rollback()
    return found
