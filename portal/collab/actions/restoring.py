"""Restoring: the document begins anew, in another epoch, with what a version holds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab import signals
from portal.collab.actions.versions import keep_version
from portal.collab.engine import engine
from portal.collab.log import locked_heads
from portal.collab.models import DocHead, DocState, DocVersion
from portal.collab.protocol import unframe
from portal.extensions import db
from portal.transaction import on_commit


class UnreadError(Exception):
    """The reader process has not read the version yet, or cannot: it is not known to be whole."""


class FrozenError(Exception):
    """The document is locked: what was frozen must not change under those who rely on it."""


def restore(version: DocVersion, *, by: Any) -> DocVersion:
    """Put the version in the document's place. What stood there becomes a version "replaced", which is returned.

    From the commit on no edit made on the former text is accepted, and every open tab begins anew. Who wrote what
    stays known, and `seq` goes on. Raises UnreadError, FrozenError.
    """
    head = locked_heads({version.doc_id})[version.doc_id]
    if version.read_at is None:
        raise UnreadError(f"version {version.id} has not been read")
    if head.locked_at is not None:
        raise FrozenError(f"document {version.doc_id} is locked")
    replaced = keep_version(version.doc_id, "replaced", by=by)
    _begin_epoch(version, head.seq, head.epoch + 1)
    on_commit(engine().began_anew, version.doc_id)
    signals.version_restored.send(None, document_id=version.doc_id, by=by, version=version, replaced=replaced)
    signals.document_read.send(None, document_id=version.doc_id, counts=version.counts)
    return replaced


def _begin_epoch(version: DocVersion, seq: int, epoch: int) -> None:
    """The state is whole and read already: nothing is left for the reader to do."""
    [state] = unframe(version.body)
    now = utcnow()
    reading = {name: getattr(version, name) for name in ("text", "html", "markdown", "counts")}
    begun = {"seq": seq, "epoch": epoch, "read_seq": seq, "read_at": now, "failed_at": None, "body": state, **reading}
    _update(DocState, version.doc_id, begun)
    _update(DocHead, version.doc_id, {"epoch": epoch, "size": len(state), "edited_at": now})


def _update(table: Any, document_id: int, values: dict[str, Any]) -> None:
    change = sa.update(table).where(table.doc_id == document_id).values(values)
    db.session.execute(change, execution_options={"synchronize_session": False})
