"""How somebody lost the right to write on what they had before them: by role, by a freeze, by a text begun anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab.models import DocHead, DocQuarantine, DocVersion
from portal.collab.protocol import MalformedError
from portal.extensions import db

GRACE = timedelta(days=30)  # in which words that were typed before may still be handed in


class CanWriteError(Exception):
    """Nothing was lost: the words can be put into the text."""


class TooLateError(Exception):
    """The right was lost longer ago than GRACE."""


class ManyWaitError(Exception):
    """So many rescues of this person wait in the document already that one more would only bury them."""


def is_recent(lost_at: datetime | None) -> bool:
    """Whether words may still be handed in for what was lost then."""
    return lost_at is not None and lost_at > utcnow() - GRACE


def reason_of_loss(document_id: int, epoch: int, base_seq: int, *, role: str, lost_at: datetime | None) -> str:
    """`role`, `reset` or `freeze`: why what was typed on `base_seq` of `epoch` came too late.

    `role` is what the person may do now, `lost_at` when they last lost the right to write. Raises MalformedError for
    a position that never was, TooLateError, CanWriteError.
    """
    head = db.session.execute(
        sa.select(DocHead.seq, DocHead.epoch, DocHead.locked_at).where(DocHead.doc_id == document_id)
    ).one()
    if epoch > head.epoch or (epoch == head.epoch and base_seq > head.seq):
        raise MalformedError("no such position in the document")
    if role != "write":
        return _lately("role", lost_at)
    if epoch < head.epoch:
        return _lately("reset", _end_of(document_id, epoch, base_seq) or utcnow())
    if head.locked_at is not None:
        return _lately("freeze", head.locked_at)
    if is_recent(_version_at(document_id, epoch, "frozen", base_seq)):
        return "freeze"  # taken up again since; the words were refused all the same
    if is_recent(lost_at):
        return "role"  # and got it back
    raise CanWriteError


def _lately(reason: str, lost_at: datetime | None) -> str:
    if not is_recent(lost_at):
        raise TooLateError
    return reason


def _end_of(document_id: int, epoch: int, base_seq: int) -> datetime | None:
    """When the epoch ended; None where nothing here says so: the portal itself was restored from a backup."""
    return _version_at(document_id, epoch, "replaced", base_seq) or _mended_at(document_id, epoch)


def _mended_at(document_id: int, epoch: int) -> datetime | None:
    """When the epoch ended because something that could not be applied was taken out of the document."""
    query = sa.select(sa.func.max(DocQuarantine.found_at)).where(
        DocQuarantine.doc_id == document_id, DocQuarantine.epoch == epoch
    )
    at: datetime | None = db.session.scalar(query)
    return at


def _version_at(document_id: int, epoch: int, kind: str, base_seq: int) -> datetime | None:
    """When the document was last frozen or replaced, in this epoch and not before it had come to `base_seq`.

    Raises MalformedError when the epoch ended before it came so far.
    """
    query = sa.select(DocVersion.at, DocVersion.seq).where(
        DocVersion.doc_id == document_id, DocVersion.epoch == epoch, DocVersion.kind == kind
    )
    last = db.session.execute(query.order_by(DocVersion.id.desc()).limit(1)).one_or_none()
    if last is None or (kind == "frozen" and last.seq < base_seq):
        return None
    if last.seq < base_seq:
        raise MalformedError("no such position in that epoch")
    at: datetime = last.at
    return at
