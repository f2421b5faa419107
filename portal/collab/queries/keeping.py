"""The versions of a document, for its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.collab.models import DocVersion
from portal.extensions import db

PAGE = 30


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version without its text. `counts` and `hash` are empty until the reader has read it."""

    id: int
    seq: int
    epoch: int
    kind: str
    name: str
    user_id: int | None
    at: datetime
    hash: str
    read_at: datetime | None
    counts: dict[str, int]

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


COLUMNS = tuple(getattr(DocVersion, name) for name in KeptVersion.__dataclass_fields__)


def versions(document_id: int, *, before: int | None = None, limit: int = PAGE) -> list[KeptVersion]:
    """The document's versions, newest first; `before` is the id of the last one on the page before. One statement."""
    query = sa.select(*COLUMNS).where(DocVersion.doc_id == document_id).order_by(DocVersion.id.desc()).limit(limit)
    if before is not None:
        query = query.where(DocVersion.id < before)
    return [KeptVersion(*row) for row in db.session.execute(query)]
