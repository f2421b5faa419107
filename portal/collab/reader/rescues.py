"""Words that came too late: read once, by themselves or beside the text on which they were written."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
import structlog
from flask import g

from portal.clock import utcnow
from portal.collab import signals
from portal.collab.log import all_updates_after
from portal.collab.models import DocRescue, DocState, DocUpdate, DocVersion
from portal.collab.protocol import unframe
from portal.collab.reader.setbacks import Setbacks
from portal.collab.rescuing import Words, rescued_words
from portal.extensions import db
from portal.richtext.document import UNREADABLE
from portal.transaction import commit, rollback

log = structlog.get_logger(__name__)

MAX_DUE = 200
AT_ONCE = 3  # then it is the turn of the texts that people are writing
MAX_ERROR = 500

Read = Callable[[list[bytes], list[bytes]], Words]


def read_here(base: list[bytes], updates: list[bytes]) -> Words:
    """In this process, which the bytes may end: for tests."""
    return Words(rescued_words(base, updates))


def read_rescues(*, read: Read = read_here, setbacks: Setbacks | None = None) -> int:
    """Read a few of those that wait, one transaction each. Returns how many were tried.

    What cannot be read is tried once more where `setbacks` remember it, since a busy machine is no fault of the words,
    then marked with the reason and left alone.
    """
    g.is_reading = True
    query = sa.select(DocRescue.id).where(DocRescue.read_at.is_(None)).order_by(DocRescue.id).limit(MAX_DUE)
    waiting = list(db.session.scalars(query))
    rollback()
    due = [rescue_id for rescue_id in waiting if setbacks is None or not setbacks.blocks(rescue_id)][:AT_ONCE]
    for rescue_id in due:
        _read_one(rescue_id, read, setbacks)
    return len(due)


def _read_one(rescue_id: int, read: Read, setbacks: Setbacks | None) -> None:
    text = error = ""
    try:
        text = read(*_load(rescue_id)).text
    except BaseException as failed:  # a Rust panic is no Exception
        if isinstance(failed, KeyboardInterrupt | SystemExit):
            raise
        rollback()
        error = UNREADABLE.sub("", f"{type(failed).__name__}: {failed}")[:MAX_ERROR]
        log.error("rescue_not_read", rescue_id=rescue_id, error=error)
        if setbacks is not None and setbacks.note(rescue_id):
            return
    if setbacks is not None:
        setbacks.clear(rescue_id)
    _store(rescue_id, text, error)


def _store(rescue_id: int, text: str, error: str) -> None:
    g.is_reading = False
    store = (
        sa.update(DocRescue)
        .where(DocRescue.id == rescue_id, DocRescue.read_at.is_(None))
        .values(text=text, error=error, read_at=utcnow())
        .returning(DocRescue.doc_id)
        .execution_options(synchronize_session=False)
    )
    document_id = db.session.scalar(store)
    if document_id is not None:
        signals.rescues_changed.send(None, document_id=document_id)
    commit()


def _load(rescue_id: int) -> tuple[list[bytes], list[bytes]]:
    g.is_reading = True
    rescue = db.session.get_one(DocRescue, rescue_id)
    loaded = _base(rescue), list(unframe(rescue.body))
    rollback()
    return loaded


def _base(rescue: DocRescue) -> list[bytes]:
    """The document as it stood at `base_seq`, with what its writer has in it since: that was not lost.

    Of an epoch that is over it is what stood at its end; nothing when that was not kept.
    """
    state = db.session.execute(
        sa.select(DocState.seq, DocState.epoch, DocState.body).where(DocState.doc_id == rescue.doc_id)
    ).one()
    if state.epoch != rescue.epoch:
        return _replaced(rescue)
    between = all_updates_after(rescue.doc_id, state.seq)[: max(0, rescue.base_seq - state.seq)]
    own = sa.select(DocUpdate.body).where(
        DocUpdate.doc_id == rescue.doc_id,
        DocUpdate.user_id == rescue.user_id,
        DocUpdate.seq > max(rescue.base_seq, state.seq),
    )
    return [state.body, *between, *db.session.scalars(own.order_by(DocUpdate.seq))]


def _replaced(rescue: DocRescue) -> list[bytes]:
    query = sa.select(DocVersion.body).where(
        DocVersion.doc_id == rescue.doc_id, DocVersion.epoch == rescue.epoch, DocVersion.kind == "replaced"
    )
    body = db.session.scalar(query.order_by(DocVersion.id.desc()).limit(1))
    return list(unframe(body)) if body is not None else []
