"""Words that came too late: handed in by their writer, inserted or declined by an editor."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from portal import audit, mail
from portal.clock import utcnow
from portal.collab import signals
from portal.collab.actions.restoring import FrozenError
from portal.collab.log import locked_heads
from portal.collab.losses import ManyWaitError, reason_of_loss
from portal.collab.models import DocAuthor, DocRescue, Document
from portal.collab.policy import place_if_visible
from portal.collab.protocol import MAX_RESCUED_UPDATES, MAX_UPDATE, MalformedError, unframe
from portal.collab.standings import OPEN, standing
from portal.collab.updates import check_update
from portal.extensions import db
from portal.live.identity import identity

DECISIONS = ("inserted", "declined")
KEPT_FOR = 30  # days after the decision
MOST_WAITING = 30  # of one person in one document


def read_handed_in(framed: bytes) -> set[int]:
    """The Yjs clients that wrote these updates, each read as if it were to be appended. Raises MalformedError.

    Gives others their turn in between, so not in a transaction: SQLite has one writer.
    """
    updates = list(unframe(framed))
    if not 1 <= len(updates) <= MAX_RESCUED_UPDATES or max(map(len, updates)) > MAX_UPDATE:
        raise MalformedError("no updates, too many, or one that is too large")
    clients = set()
    for update in updates:
        clients.add(check_update(update).client)
        time.sleep(0)
    return {client for client in clients if client is not None}


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Updates made on `base_seq` of `epoch`, and `clients` as `read_handed_in` found them."""

    framed: bytes
    clients: set[int]
    epoch: int
    base_seq: int


def hand_in(document: Document, late: HandedIn, *, by: Any, role: str, lost_at: datetime | None) -> DocRescue:
    """Keep updates that nobody will apply; the reader process makes text of them within seconds. Flushes.

    `role` and `lost_at` as `policy.access_handing_in` gave them. The same bytes again are the same rescue.
    Raises MalformedError, TooLateError, CanWriteError, ManyWaitError.
    """
    reason = reason_of_loss(document.id, late.epoch, late.base_seq, role=role, lost_at=lost_at)
    place = {"doc_id": document.id, "user_id": by.id, "epoch": late.epoch, "base_seq": late.base_seq}
    known: DocRescue | None = db.session.scalar(sa.select(DocRescue).filter_by(**place, body=late.framed).limit(1))
    if known is not None:  # the answer to the first one was lost on the way
        return known
    _check_waiting(document.id, by.id)
    _check_owners(document.id, late.clients, by.id)
    rescue = DocRescue(**place, reason=reason, body=late.framed)
    db.session.add(rescue)
    db.session.flush()
    audit.record("rescue_handed_in", by=by, about=rescue, document_id=document.id, reason=reason)
    return rescue


def _check_waiting(document_id: int, user_id: int) -> None:
    """Raises ManyWaitError: an editor's page must not be filled by one person."""
    waiting = sa.select(sa.func.count()).where(
        DocRescue.doc_id == document_id, DocRescue.user_id == user_id, DocRescue.decided_at.is_(None)
    )
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise ManyWaitError


def _check_owners(document_id: int, clients: set[int], user_id: int) -> None:
    """Raises MalformedError: a Yjs client id belongs to the person who used it first."""
    owners = sa.select(DocAuthor.user_id).where(DocAuthor.doc_id == document_id, DocAuthor.client_id.in_(clients))
    if any(owner != user_id for owner in db.session.scalars(owners)):
        raise MalformedError("a client id of somebody else")


def decide_rescue(rescue: DocRescue, decision: str, *, by: Any) -> bool:
    """Write down what an editor decided, and tell the writer. False when somebody decided before; look who.

    The words themselves are put in by the editor's browser; nothing here touches the text. Raises FrozenError for
    inserting into a document that takes no edits now.
    """
    if decision == "inserted":
        locked_heads({rescue.doc_id})  # nobody freezes it between the question and the commit
        if standing([rescue.doc_id])[rescue.doc_id] != OPEN:
            raise FrozenError(f"document {rescue.doc_id} takes no edits")
    decided = (
        sa.update(DocRescue)
        .where(DocRescue.id == rescue.id, DocRescue.decided_at.is_(None))
        .values(decision=decision, decided_at=utcnow(), decided_by_id=by.id)
        .execution_options(synchronize_session=False)
    )
    is_first = bool(db.session.execute(decided).rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
    db.session.refresh(rescue)
    if not is_first:
        return False
    audit.record(f"rescue_{decision}", by=by, about=rescue, document_id=rescue.doc_id, writer_id=rescue.user_id)
    _tell_writer(rescue, by=by)
    signals.rescues_changed.send(None, document_id=rescue.doc_id)
    return True


def _tell_writer(rescue: DocRescue, *, by: Any) -> None:
    """The mail names the text only to who may still read it, and never holds the words."""
    writer = identity().person(rescue.user_id) if rescue.user_id is not None else None
    if writer is None or writer.id == by.id:
        return
    mail.send(
        to=writer.email,
        name=writer.name,
        subject=gettext("What became of the words that you handed in"),
        template="document_rescue_decided.txt",
        key=f"rescue-decided:{rescue.id}",
        reader=writer,
        rescue=rescue,
        place=place_if_visible(writer, rescue.doc_id),
    )


def forget_decided_rescues() -> int:
    """Delete those that were decided KEPT_FOR days ago. Returns how many."""
    old = utcnow() - timedelta(days=KEPT_FOR)
    gone = db.session.execute(sa.delete(DocRescue).where(DocRescue.decided_at < old))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result has it
