"""Versions that were kept as the log held them become one verified state, text, counts and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog
from flask import g

from portal.clock import utcnow
from portal.collab import signals
from portal.collab.actions import rights_changed
from portal.collab.applying import Applied, apply_version
from portal.collab.models import DocVersion
from portal.collab.protocol import frame, unframe
from portal.collab.reader.setbacks import Setbacks
from portal.extensions import db
from portal.transaction import commit, rollback

log = structlog.get_logger(__name__)

MAX_DUE = 200
AT_ONCE = 5  # then it is the turn of the texts that people are writing

ApplyVersion = Callable[[list[bytes]], Applied]


def read_versions(*, apply: ApplyVersion = apply_version, setbacks: Setbacks | None = None) -> int:
    """Try a few of the versions that nobody read yet, a transaction each, frozen ones first. Returns how many it read.

    One that cannot be applied stays unread and is noted in `setbacks`; the others go on.
    """
    setbacks = setbacks or Setbacks()
    count = 0
    due = [version_id for version_id in _due() if not setbacks.blocks(version_id)]
    for version_id in due[:AT_ONCE]:  # also of those that fail, each after many seconds
        try:
            read_version(version_id, apply=apply)
        except BaseException as error:  # a Rust panic is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            rollback()
            if setbacks.note(version_id):
                log.error("version_not_read", version_id=version_id, error=f"{type(error).__name__}: {error}"[:500])
            continue
        setbacks.clear(version_id)
        count += 1
    return count


def _due() -> list[int]:
    g.is_reading = True
    query = sa.select(DocVersion.id).where(DocVersion.read_at.is_(None))
    # Somebody looks at "Freezing".
    query = query.order_by(sa.case((DocVersion.kind == "frozen", 0), else_=1), DocVersion.id).limit(MAX_DUE)
    found = list(db.session.scalars(query))
    rollback()
    return found


def read_version(version_id: int, *, apply: ApplyVersion = apply_version) -> None:
    """Load, apply without a transaction, store once, tell. Raises what `apply` raises."""
    g.is_reading = True
    columns = sa.select(DocVersion.doc_id, DocVersion.kind, DocVersion.body)
    row = db.session.execute(columns.where(DocVersion.id == version_id)).one_or_none()
    rollback()
    if row is None:
        return
    applied = apply(list(unframe(row.body)))
    g.is_reading = False
    if _store(version_id, applied):
        if row.kind == "frozen":  # the document stands otherwise now, and its open tabs say so
            rights_changed([row.doc_id])
        signals.version_read.send(None, document_id=row.doc_id, version_id=version_id, kind=row.kind)
    commit()


def _store(version_id: int, applied: Applied) -> bool:
    """Only once: what somebody relies on does not change."""
    values: dict[str, Any] = {
        "read_at": utcnow(),
        "text": applied.text,
        "html": applied.html,
        "markdown": applied.markdown,
        "counts": applied.counts,
        "hash": hashlib.sha256(applied.text.encode()).hexdigest(),
        "body": frame([applied.state or b""]),
    }
    store = sa.update(DocVersion).where(DocVersion.id == version_id, DocVersion.read_at.is_(None)).values(values)
    stored = db.session.execute(store.execution_options(synchronize_session=False))
    return bool(stored.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
