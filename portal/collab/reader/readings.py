"""One document: load, apply, store what it reads as, and its state where that is due."""

from __future__ import annotations

import sqlalchemy as sa
from flask import g

from portal.clock import utcnow
from portal.collab import actions, signals
from portal.collab.applying import Applied, Apply, apply
from portal.collab.log import all_updates_after, locked_heads
from portal.collab.models import DocState
from portal.collab.reader.due import Due
from portal.collab.reader.states import Stored, store_state
from portal.extensions import db
from portal.transaction import commit, rollback


class NotAppliedError(Exception):
    """The log could not be applied: `stored` and `tail` are what failed."""

    def __init__(self, error: BaseException, stored: Stored, tail: list[bytes]) -> None:
        super().__init__(f"{type(error).__name__}: {error}"[:500])
        self.stored, self.tail = stored, tail


def read_document(due: Due, *, apply: Apply = apply) -> tuple[Stored, Applied]:
    """Load, apply without a transaction, store. Raises NotAppliedError; SystemExit and KeyboardInterrupt pass."""
    stored, tail = _load(due.document_id)
    try:
        applied = apply(stored.body, tail, due.wants_state)
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise NotAppliedError(error, stored, tail) from None
    g.is_reading = False
    if applied.state is not None or stored.has_failed:
        locked_heads({due.document_id})  # heads before states, as a restore takes them: else each waits for the other
    _store_reading(due.document_id, stored, len(tail), applied)
    if applied.state is not None:
        store_state(due.document_id, stored, len(tail), applied.state)
    if stored.has_failed:
        actions.mark_readable(due.document_id)
    commit()
    return stored, applied


def _load(document_id: int) -> tuple[Stored, list[bytes]]:
    g.is_reading = True
    columns = sa.select(DocState.seq, DocState.epoch, DocState.failed_at.is_not(None), DocState.body)
    stored = Stored(*db.session.execute(columns.where(DocState.doc_id == document_id)).one())
    tail = all_updates_after(document_id, stored.seq)
    rollback()
    return stored, tail


def _store_reading(document_id: int, stored: Stored, tail: int, applied: Applied) -> None:
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
