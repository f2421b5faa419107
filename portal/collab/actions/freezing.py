"""Freezing: no edit any more from the commit on, and a version of exactly what was taken until then."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab import signals
from portal.collab.actions.rights import rights_changed
from portal.collab.actions.versions import keep_version
from portal.collab.log import locked_heads
from portal.collab.models import DocHead, DocVersion
from portal.extensions import db


def freeze(document_id: int, *, by: Any) -> DocVersion | None:
    """Lock the document and keep its version; "freezing" until the reader has read that, then "frozen".

    None when it was locked already; the first time stands. Several documents in one transaction: in the order of
    their ids, as the writers lock them.
    """
    if locked_heads({document_id})[document_id].locked_at is not None:
        return None
    version = keep_version(document_id, "frozen", by=by)
    _set_lock(document_id, locked_at=utcnow(), locked_by_id=by.id, frozen_version_id=version.id)
    signals.document_frozen.send(None, document_id=document_id, by=by, version=version)
    return version


def unfreeze(document_id: int, *, by: Any) -> bool:
    """Take edits again; the version stays. False when the document was not locked."""
    if locked_heads({document_id})[document_id].locked_at is None:
        return False
    _set_lock(document_id, locked_at=None, locked_by_id=None, frozen_version_id=None)
    signals.document_unfrozen.send(None, document_id=document_id, by=by)
    return True


def _set_lock(document_id: int, **values: Any) -> None:
    change = sa.update(DocHead).where(DocHead.doc_id == document_id).values(**values)
    db.session.execute(change, execution_options={"synchronize_session": False})
    rights_changed([document_id])
