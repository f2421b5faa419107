"""Queueing, claiming and running jobs. Handlers are idempotent by key; five tries with backoff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import utcnow
from portal.extensions import db
from portal.inserting import insert
from portal.jobs.models import Job
from portal.transaction import commit, on_commit, rollback, writing

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=5)
MAX_TRIES = 5
BACKOFF = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))

Handler = Callable[[dict[str, Any]], None]
handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that runs jobs of `kind`; it is given the payload and may run twice."""

    def register(function: Handler) -> Handler:
        handlers[kind] = function
        return function

    return register


def enqueue(kind: str, key: str, payload: dict[str, Any], *, run_at: datetime | None = None) -> None:
    """Write the job in the current transaction; a job of the same key is already the job, whoever wrote it."""
    statement = insert(Job).values(
        kind=kind, key=key, payload=payload, run_at=run_at or utcnow(), created_at=utcnow(), tries=0
    )
    db.session.execute(statement.on_conflict_do_nothing(index_elements=[Job.key]))
    on_commit(current_app.extensions["jobs_bell"])


def drop(kind: str, field: str, value: str) -> int:
    """Delete the jobs of this kind that are not done and whose payload has this value. Returns how many."""
    named = sa.delete(Job).where(Job.kind == kind, Job.done_at.is_(None), Job.payload[field].as_string() == value)
    count: int = db.session.execute(named.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]  # a DELETE's result has it
    return count


def run_due_jobs(limit: int = 50) -> int:
    """Claim and run what is due, one transaction each. Returns how many were run (also those that failed)."""
    count = 0
    while count < limit and (job_id := _claim()) is not None:
        _run(job_id)
        count += 1
    return count


def _claim() -> int | None:
    """Take one due job by a conditional UPDATE, so that two workers never hold the same."""
    writing()
    now = utcnow()
    due = (
        sa.select(Job.id)
        .where(Job.done_at.is_(None), Job.failed_at.is_(None), Job.run_at <= now)
        .where(sa.or_(Job.claimed_until.is_(None), Job.claimed_until < now))
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )
    if db.engine.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    claim = sa.update(Job).where(Job.id == due.scalar_subquery()).values(claimed_until=now + CLAIM, tries=Job.tries + 1)
    job_id = db.session.execute(claim.returning(Job.id)).scalar()
    commit()
    return job_id


def _run(job_id: int) -> None:
    job = db.session.get_one(Job, job_id)
    kind, key, payload, tries = job.kind, job.key, job.payload, job.tries
    db.session.rollback()  # the handler opens its own transaction: no row is held while mail is sent
    try:
        handlers[kind](payload)
    except Exception as error:
        rollback()
        log.exception("job_failed", kind=kind, key=key, tries=tries)
        _note_failure(job_id, error, tries)
        return
    db.session.execute(
        sa.update(Job)
        .where(Job.id == job_id)
        .values(
            # The payload may hold a single-use link; the key is all that a done job is still needed for.
            done_at=utcnow(),
            claimed_until=None,
            error=None,
            payload={},
        )
    )
    commit()


def _note_failure(job_id: int, error: Exception, tries: int) -> None:
    values: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"[:2000], "claimed_until": None}
    if tries >= MAX_TRIES:
        values["failed_at"] = utcnow()
    else:
        values["run_at"] = utcnow() + BACKOFF[tries - 1]
    db.session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
    commit()
