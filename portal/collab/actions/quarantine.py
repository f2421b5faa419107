"""Taking updates that cannot be applied out of the log, and saying that a document cannot be read at all.

A row of the log keeps its `seq`, so that the log stays without a gap; its body is what the caller puts in its place,
and the update goes to `doc_quarantines`. The document begins anew, in another epoch: a tab that has taken in the
poison cannot get rid of it otherwise. Versions that were kept with it and are not read yet lose it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from portal import audit
from portal.clock import utcnow
from portal.collab import signals
from portal.collab.actions.rights import rights_changed
from portal.collab.engine import engine
from portal.collab.log import locked_heads
from portal.collab.models import DocHead, DocQuarantine, DocRescue, DocState, Document, DocUpdate, DocVersion
from portal.collab.protocol import frame, unframe
from portal.extensions import db
from portal.transaction import on_commit

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)  # as long as the log itself


@dataclass(frozen=True, slots=True)
class Taken:
    """An update to be taken out: what stands in its place, and why. One that is no poison only waits in vain."""

    instead: bytes
    error: str
    is_poison: bool = True


def quarantine(document_id: int, taken: dict[int, Taken], *, epoch: int, state_seq: int) -> bool:
    """Take the updates at these `seq` out. False when the document was squashed or begun anew since it was looked at.

    What only waits in vain is kept as a rescue of its writer, so that an editor can put its words in.
    """
    head = locked_heads({document_id})[document_id]
    stored = sa.select(DocState.seq).where(DocState.doc_id == document_id)
    if head.epoch != epoch or db.session.scalar(stored) != state_seq:
        return False
    rows = db.session.scalars(
        sa.select(DocUpdate).where(DocUpdate.doc_id == document_id, DocUpdate.seq.in_(taken)).order_by(DocUpdate.seq)
    ).all()
    _rescue([row for row in rows if not taken[row.seq].is_poison], epoch)
    _mend_versions(document_id, {row.body: taken[row.seq].instead for row in rows})
    shrunk = sum(len(row.body) - len(taken[row.seq].instead) for row in rows)
    for row in rows:
        _move(row, taken[row.seq], epoch)
    db.session.flush()
    _begin_epoch(document_id, epoch + 1, head.size - shrunk, before=rows[0].seq)
    _tell(document_id, rows)
    return True


def _move(row: DocUpdate, taken: Taken, epoch: int) -> None:
    kept = {name: getattr(row, name) for name in ("doc_id", "seq", "user_id", "client_key", "n", "at", "body")}
    db.session.add(DocQuarantine(**kept, epoch=epoch, error=taken.error[:500]))
    row.body = taken.instead


def _rescue(rows: list[DocUpdate], epoch: int) -> None:
    by_writer: dict[int, list[DocUpdate]] = {}
    for row in rows:
        if row.user_id is not None:
            by_writer.setdefault(row.user_id, []).append(row)
    for user_id, theirs in by_writer.items():
        body, base_seq = frame(row.body for row in theirs), theirs[0].seq - 1
        db.session.add(
            DocRescue(
                doc_id=theirs[0].doc_id, user_id=user_id, epoch=epoch, base_seq=base_seq, reason="reset", body=body
            )
        )


def _mend_versions(document_id: int, instead: dict[bytes, bytes]) -> None:
    unread = DocVersion.read_at.is_(None)  # asked again by the update: another process may be reading it
    kept = sa.select(DocVersion.id, DocVersion.body).where(DocVersion.doc_id == document_id, unread)
    for version_id, body in db.session.execute(kept).all():
        mended = frame(instead.get(update, update) for update in unframe(body))
        if mended != body:
            _update(sa.update(DocVersion).where(DocVersion.id == version_id, unread).values(body=mended))


def _begin_epoch(document_id: int, epoch: int, size: int, *, before: int) -> None:
    """What was read with the poison in it is not read any more."""
    still_read = sa.case((DocState.read_seq >= before, before - 1), else_=DocState.read_seq)
    _update(sa.update(DocState).where(DocState.doc_id == document_id).values(epoch=epoch, read_seq=still_read))
    _update(sa.update(DocHead).where(DocHead.doc_id == document_id).values(epoch=epoch, size=size))
    on_commit(engine().began_anew, document_id)


def _tell(document_id: int, rows: Any) -> None:
    seqs, people = [row.seq for row in rows], sorted({row.user_id for row in rows if row.user_id is not None})
    document = db.session.get_one(Document, document_id)
    audit.record("updates_quarantined", by=None, about=document, seqs=seqs[:50], user_ids=people)
    on_commit(log.error, "updates_quarantined", document_id=document_id, seqs=seqs[:50], user_ids=people)
    signals.document_quarantined.send(None, document_id=document_id, count=len(seqs))


def mark_unreadable(document_id: int, error: str, *, epoch: int, state_seq: int) -> bool:
    """Nobody may write until the document can be read again; what was read last is shown.

    False when it was so already, since the first time stands, or was squashed or begun anew since it was looked at.
    """
    locked_heads({document_id})  # writers read the mark under this lock
    looked_at = (DocState.doc_id == document_id, DocState.epoch == epoch, DocState.seq == state_seq)
    unmarked = (*looked_at, DocState.failed_at.is_(None))
    if not _update(sa.update(DocState).where(*unmarked).values(failed_at=utcnow())):
        return False
    audit.record("document_unreadable", by=None, about=db.session.get_one(Document, document_id))
    on_commit(log.error, "document_unreadable", document_id=document_id, error=error)
    signals.document_unreadable.send(None, document_id=document_id)
    rights_changed([document_id])
    return True


def mark_readable(document_id: int) -> None:
    """It could be read: edits are taken again. Nothing when it was not marked."""
    locked_heads({document_id})
    marked = (DocState.doc_id == document_id, DocState.failed_at.is_not(None))
    if _update(sa.update(DocState).where(*marked).values(failed_at=None)):
        audit.record("document_readable", by=None, about=db.session.get_one(Document, document_id))
        rights_changed([document_id])


def forget_quarantined() -> int:
    """Delete what was taken out thirty days ago. Returns how many."""
    return _update(sa.delete(DocQuarantine).where(DocQuarantine.found_at < utcnow() - KEPT_FOR))


def _update(statement: Any) -> int:
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
