"""Whether a document takes edits, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal.collab.models import DocHead, DocState, DocVersion
from portal.extensions import db


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is open; freezing (locked, its version not read yet); frozen; or unreadable (the log cannot be applied).

    `since` and `by_id` say when and by whom it was locked, `version_id` which version was frozen; None when open.
    """

    state: str = "open"
    since: datetime | None = None
    by_id: int | None = None
    version_id: int | None = None

    @property
    def is_locked(self) -> bool:
        """Frozen, or about to be. An unreadable document may be locked too; it says that it is unreadable."""
        return self.state in ("freezing", "frozen")


OPEN = Standing()

# Of a document's head, its state, and the version that was frozen, which may be missing.
COLUMNS = (
    DocHead.locked_at,
    DocHead.locked_by_id,
    DocHead.frozen_version_id,
    DocState.failed_at,
    DocVersion.read_at.label("frozen_read_at"),
)


def standing(document_ids: Iterable[int]) -> dict[int, Standing]:
    """How these documents stand, in one statement. An unknown one is missing."""
    query = (
        sa.select(DocHead.doc_id, *COLUMNS)
        .outerjoin(DocState, DocState.doc_id == DocHead.doc_id)
        .outerjoin(DocVersion, DocVersion.id == DocHead.frozen_version_id)
        .where(DocHead.doc_id.in_(set(document_ids)))
    )
    return {row.doc_id: standing_of(row) for row in db.session.execute(query)}


def standing_of(row: Any) -> Standing:
    """The standing in a row that has COLUMNS."""
    if row.failed_at is not None:
        return Standing("unreadable", row.failed_at, row.locked_by_id, row.frozen_version_id)
    if row.locked_at is None:
        return OPEN
    state = "frozen" if row.frozen_read_at is not None else "freezing"
    return Standing(state, row.locked_at, row.locked_by_id, row.frozen_version_id)
