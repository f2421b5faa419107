"""The reader: 0.5 s after a document's last edit, at latest every 5 s, its log becomes text, counts, HTML and Markdown.

A process of its own (`flask reader`). It may die at any time and two of them are harmless: a reading is stored only
over an older one, a squashed state only over the one it was made from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog
from flask import Flask, g

from portal.clock import utcnow
from portal.collab import signals
from portal.collab.applying import Applied, Apply, apply, in_child
from portal.collab.log import all_updates_after
from portal.collab.models import DocHead, DocState, DocUpdate
from portal.extensions import db
from portal.transaction import commit, rollback
from portal.web.health import beat

log = structlog.get_logger(__name__)

QUIET = timedelta(seconds=0.5)
AT_LATEST = timedelta(seconds=5)
SQUASH_TAIL = 500
SQUASH_QUIET = timedelta(seconds=60)
POLL_SECONDS = 0.25
BEAT_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
MAX_DUE = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose reading is behind, or whose tail has grown long or old."""

    document_id: int
    wants_state: bool


class Setbacks:
    """Documents that could not be applied, each left alone for longer and longer, so that others get their turn."""

    def __init__(self) -> None:
        self._until: dict[int, tuple[float, float]] = {}

    def blocks(self, document_id: int) -> bool:
        return document_id in self._until and time.monotonic() < self._until[document_id][0]

    def note(self, document_id: int) -> None:
        _, pause = self._until.get(document_id, (0.0, FIRST_PAUSE / 2))
        pause = min(pause * 2, LONGEST_PAUSE)
        self._until[document_id] = (time.monotonic() + pause, pause)

    def clear(self, document_id: int) -> None:
        self._until.pop(document_id, None)


def run(app: Flask, is_stopped: Callable[[], bool]) -> None:
    """Read until told to stop. A failing database or Redis is waited for."""
    setbacks = Setbacks()
    beaten_at = 0.0
    while not is_stopped():
        with app.app_context():
            try:
                if time.monotonic() - beaten_at > BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    beat("reader")
                read_due(apply=in_child, setbacks=setbacks)
            except Exception:
                log.exception("reader_failed")
            finally:
                rollback()
                db.session.remove()
        time.sleep(POLL_SECONDS)


def read_due(*, apply: Apply = apply, setbacks: Setbacks | None = None, now_please: bool = False) -> int:
    """Read what is due, one transaction a document; with `now_please` everything that is behind. Returns how many.

    A document that cannot be applied is noted in `setbacks` and the others go on.
    """
    setbacks = setbacks or Setbacks()
    count = 0
    for due in _due(now_please):
        if setbacks.blocks(due.document_id):
            continue
        try:
            read_document(due, apply=apply)
        except BaseException as error:  # a Rust panic is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            rollback()
            setbacks.note(due.document_id)
            log.error("document_not_read", document_id=due.document_id, error=f"{type(error).__name__}: {error}"[:500])
            continue
        setbacks.clear(due.document_id)
        count += 1
    return count


def _due(now_please: bool) -> list[Due]:
    """The documents to read now, those that wait longest first."""
    g.is_reading = True
    now = utcnow()
    unread = DocHead.seq > DocState.read_seq
    long_tail = DocHead.seq - DocState.seq > SQUASH_TAIL
    old_tail = sa.and_(DocHead.seq > DocState.seq, DocHead.edited_at <= now - SQUASH_QUIET)
    rested = sa.or_(DocHead.edited_at <= now - QUIET, DocUpdate.at <= now - AT_LATEST)
    is_due = unread if now_please else sa.and_(unread, rested)
    query = (
        sa.select(DocHead.doc_id, sa.or_(long_tail, old_tail).label("wants_state"))
        .join(DocState, DocState.doc_id == DocHead.doc_id)
        .outerjoin(DocUpdate, sa.and_(DocUpdate.doc_id == DocHead.doc_id, DocUpdate.seq == DocState.read_seq + 1))
        .where(sa.or_(is_due, long_tail, old_tail))
        .order_by(DocHead.edited_at)
        .limit(MAX_DUE)
    )
    found = [Due(row.doc_id, bool(row.wants_state)) for row in db.session.execute(query)]
    rollback()
    return found


def read_document(due: Due, *, apply: Apply = apply) -> None:
    """Load, apply without a transaction, store. Raises what `apply` raises."""
    stored, tail = _load(due.document_id)
    applied = apply(stored.body, tail, due.wants_state)
    g.is_reading = False
    _store_reading(due.document_id, stored, len(tail), applied)
    if applied.state is not None:
        _store_state(due.document_id, stored, len(tail), applied.state)
    commit()


@dataclass(frozen=True, slots=True)
class _Stored:
    seq: int
    epoch: int
    body: bytes


def _load(document_id: int) -> tuple[_Stored, list[bytes]]:
    g.is_reading = True
    columns = sa.select(DocState.seq, DocState.epoch, DocState.body)
    stored = _Stored(*db.session.execute(columns.where(DocState.doc_id == document_id)).one())
    tail = all_updates_after(document_id, stored.seq)
    rollback()
    return stored, tail


def _store_reading(document_id: int, stored: _Stored, tail: int, applied: Applied) -> None:
    """Only over an older reading of the same epoch; who comes second changes nothing and says nothing."""
    seq = stored.seq + tail
    store = (
        sa.update(DocState)
        .where(DocState.doc_id == document_id, DocState.epoch == stored.epoch, DocState.read_seq < seq)
        .values(
            read_seq=seq,
            read_at=utcnow(),
            text=applied.text,
            html=applied.html,
            markdown=applied.markdown,
            counts=applied.counts,
        )
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(store).rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        signals.document_read.send(None, document_id=document_id, counts=applied.counts)


def _store_state(document_id: int, stored: _Stored, tail: int, state: bytes) -> None:
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
