"""Keeping a document as it stands."""

from __future__ import annotations

from typing import Any

from portal.collab import signals
from portal.collab.bodies import whole
from portal.collab.log import locked_heads
from portal.collab.models import DocVersion
from portal.extensions import db

KINDS = ("daily", "named", "frozen", "replaced")


def keep_version(document_id: int, kind: str, *, name: str = "", by: Any = None) -> DocVersion:
    """Keep what the log holds now; the reader process makes text, counts and hash of it within seconds. Flushes.

    `kind` is one of KINDS, `name` at most 120 characters, `by` a person or None for the clock. Nothing is appended to
    the log between the reading and the caller's commit. Raises LookupError for an unknown document.
    """
    head = locked_heads({document_id})[document_id]
    version = DocVersion(
        doc_id=document_id,
        seq=head.seq,
        epoch=head.epoch,
        kind=kind,
        name=name,
        user_id=by.id if by is not None else None,
        body=whole(document_id),
    )
    db.session.add(version)
    db.session.flush()
    if kind == "named":
        signals.version_kept.send(None, document_id=document_id, by=by, version=version)
    return version
