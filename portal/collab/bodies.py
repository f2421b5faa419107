"""What a newcomer is sent: the stored state and the updates after it, or only what came since they looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portal.collab.log import all_updates_after, updates_after
from portal.collab.models import DocHead, DocState, DocUpdate, DocVersion
from portal.collab.protocol import MAX_INLINE_BODY, MAX_TAIL, frame
from portal.extensions import db


@dataclass(frozen=True, slots=True)
class Body:
    """Framed updates up to `seq`. `framed` is None when it is too long for a message: ask for it by HTTP."""

    seq: int
    epoch: int
    rights_seq: int
    framed: bytes | None


def body_since(
    document_id: int, since: int, epoch: int, *, role: str, limit: int | None = MAX_INLINE_BODY
) -> Body | None:
    """What somebody needs who has everything up to `since` of `epoch` (-1: nothing). None: no such document.

    Two statements at most; the large state is read only when it will be sent. Rows from before the epoch began are
    sent to nobody, and squashed ones only to who may write: they hold sentences that were deleted, and who may only
    read sees neither those nor the versions.
    """
    head = db.session.execute(_head(document_id, since)).one_or_none()
    if head is None:
        return None
    if _is_enough(head, since, epoch) and (role == "write" or since >= head.squashed):
        missing = head.seq - since
        updates = updates_after(document_id, since, missing) if missing else []
        if len(updates) == missing:
            return _fitting(Body(head.seq, head.epoch, head.rights_seq, frame(updates)), limit)
    if limit is not None and head.size > limit:
        return Body(head.seq, head.epoch, head.rights_seq, None)
    return _fitting(Body(head.seq, head.epoch, head.rights_seq, whole(document_id)), limit)


def _head(document_id: int, since: int) -> sa.Select[Any]:
    """Where the document stands, where its epoch `began`, up to where its log is `squashed`, and what the updates
    after `since` `weigh`, in bytes."""
    squashed = sa.select(DocState.seq).where(DocState.doc_id == document_id).scalar_subquery().label("squashed")
    replaced = sa.select(sa.func.max(DocVersion.seq)).where(
        DocVersion.doc_id == document_id, DocVersion.kind == "replaced", DocVersion.epoch < DocHead.epoch
    )
    missing = sa.select(sa.func.sum(sa.func.length(DocUpdate.body))).where(
        DocUpdate.doc_id == document_id, DocUpdate.seq > since, DocUpdate.seq <= since + MAX_TAIL
    )
    began = sa.func.coalesce(replaced.scalar_subquery(), 0).label("began")
    weigh = (sa.func.coalesce(missing.scalar_subquery(), 0) if since >= 0 else sa.literal(0)).label("weigh")
    columns = (DocHead.seq, DocHead.size, DocHead.epoch, DocHead.rights_seq)
    return sa.select(*columns, began, squashed, weigh).where(DocHead.doc_id == document_id)


def _is_enough(head: Any, since: int, epoch: int) -> bool:
    """Whether what came after `since` is a part of this epoch's log, and no more than sending all that stands."""
    is_part = epoch == head.epoch and head.began <= since <= head.seq and head.seq - since <= MAX_TAIL
    return bool(is_part and head.weigh <= max(head.size, MAX_INLINE_BODY))


def whole(document_id: int) -> bytes:
    """State and tail, framed, up to the head that this transaction sees (on PostgreSQL perhaps a little further, or of
    the next epoch, where the head is not locked: its people are told to begin anew then)."""
    state = db.session.execute(sa.select(DocState.seq, DocState.body).where(DocState.doc_id == document_id)).one()
    tail = all_updates_after(document_id, state.seq)
    return frame([state.body, *tail])


def _fitting(body: Body, limit: int | None) -> Body:
    if limit is None or len(body.framed or b"") <= limit:
        return body
    return Body(body.seq, body.epoch, body.rights_seq, None)
