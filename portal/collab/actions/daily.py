"""A version a day of every text that changed, by the clock."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.clock import utcnow
from portal.collab.actions.versions import keep_version
from portal.collab.log import locked_heads
from portal.collab.models import DocHead, DocState, DocVersion
from portal.extensions import db


def due_for_daily(limit: int) -> list[int]:
    """Documents that changed since their last version, of whatever kind, and have no daily one of this UTC day."""
    return list(db.session.scalars(_due().order_by(DocHead.edited_at).limit(limit)))


def keep_daily(document_id: int) -> DocVersion | None:
    """Keep the day's version, unless that is not due any more. Flushes."""
    locked_heads({document_id})  # so that two workers keep one
    if db.session.scalar(_due().where(DocHead.doc_id == document_id)) is None:
        return None
    return keep_version(document_id, "daily")


def _due() -> sa.Select[int]:
    last, daily = aliased(DocVersion), aliased(DocVersion)
    newest = sa.select(sa.func.max(DocVersion.id)).where(DocVersion.doc_id == DocHead.doc_id).scalar_subquery()
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    is_kept = sa.exists().where(daily.doc_id == DocHead.doc_id, daily.kind == "daily", daily.at >= today)
    return (
        sa.select(DocHead.doc_id)
        .join(DocState, DocState.doc_id == DocHead.doc_id)
        .outerjoin(last, last.id == newest)
        .where(DocHead.edited_at.is_not(None), DocState.failed_at.is_(None), ~is_kept)
        .where(sa.or_(last.id.is_(None), last.seq != DocHead.seq, last.epoch != DocHead.epoch))
    )
