"""What the worker does for documents: it keeps a version a day, and lets go of words that were decided long ago."""

from __future__ import annotations

import structlog

from portal.collab import actions
from portal.jobs import schedule
from portal.transaction import commit, rollback

log = structlog.get_logger(__name__)

MAX_DOCUMENTS = 200  # a run; the next ones are an hour later


@schedule.every(minutes=60)
def keep_daily_versions() -> None:
    """A transaction a document: one that fails does not keep the others from theirs."""
    due = actions.due_for_daily(MAX_DOCUMENTS)
    rollback()
    for document_id in due:
        try:
            actions.keep_daily(document_id)
            commit()
        except Exception:
            rollback()
            log.exception("daily_version_not_kept", document_id=document_id)


@schedule.every(minutes=60)
def forget_decided_rescues() -> None:
    """Thirty days after an editor decided, the words go."""
    actions.forget_decided_rescues()
    commit()
