"""What the worker does for documents: it keeps a version a day, and lets go of what has had its time."""

from __future__ import annotations

import structlog

from portal.collab import actions
from portal.jobs import schedule
from portal.transaction import commit, rollback

log = structlog.get_logger(__name__)

MAX_DOCUMENTS = 200  # a run; the next ones are an hour later
MAX_TRIMS = 500  # transactions a run


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


@schedule.every(minutes=60)
def trim_logs() -> None:
    """See `actions.trimming`. A transaction for each stretch of rows, so that writers wait for none of them."""
    trims = 0
    for document_id in actions.due_for_trimming(MAX_DOCUMENTS):
        rollback()
        while trims < MAX_TRIMS:
            trims += 1
            rows = actions.trim(document_id)
            commit()
            if not rows:
                break
    actions.forget_numbers()
    actions.forget_quarantined()
    commit()
