"""Readings: what a document says, for pages, meters and downloads, without JavaScript and without the CRDT."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.collab.models import DocHead, DocState, DocVersion
from portal.collab.standings import COLUMNS, Standing, standing_of
from portal.extensions import db
from portal.transaction import as_reader

WAIT_SECONDS = 1.0
STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as the reader process last read it, at `as_of`. `html` is safe to show as it is.

    `counts` are figures by counting rule. `is_behind` says that newer edits are stored but not read yet, `standing`
    whether any are taken.
    """

    text: str
    html: str
    markdown: str
    counts: dict[str, int]
    as_of: datetime
    is_behind: bool
    standing: Standing


def readings(document_ids: Iterable[int]) -> dict[int, Reading]:
    """The last readings of these documents, in one statement."""
    return _read(db.session(), set(document_ids))


def reading(document_id: int) -> Reading | None:
    """The document's reading; when it is behind, waits up to a second for the reader process. None: no such document.

    Looks through a session of its own: the caller's transaction shows the database as it was when it began.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    with as_reader(), Session(db.engine) as session:
        while True:
            found = _read(session, {document_id}).get(document_id)
            if found is None or not found.is_behind or time.monotonic() > deadline:
                return found
            session.rollback()
            time.sleep(STEP_SECONDS)


def _read(session: Session, document_ids: set[int]) -> dict[int, Reading]:
    columns = (
        DocState.doc_id,
        DocState.read_seq,
        DocState.read_at,
        DocState.counts,
        DocState.text,
        DocState.html,
        DocState.markdown,
    )
    query = (
        sa.select(*columns, DocHead.seq, *COLUMNS)
        .join(DocHead, DocHead.doc_id == DocState.doc_id)
        .outerjoin(DocVersion, DocVersion.id == DocHead.frozen_version_id)
        .where(DocState.doc_id.in_(document_ids))
    )
    return {
        row.doc_id: Reading(
            text=row.text,
            html=row.html,
            markdown=row.markdown,
            counts=row.counts,
            as_of=row.read_at,
            is_behind=row.read_seq < row.seq,
            standing=standing_of(row),
        )
        for row in session.execute(query)
    }
