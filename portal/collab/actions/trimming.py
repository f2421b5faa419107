"""Letting go of the log: thirty days after an edit its row goes, if the stored state holds it.

Nothing else is needed of it. The text is the state and the rows after it; a version, read or not, and a rescue are
whole updates of their own; who wrote what is in `doc_authors`. Whoever asks for what came after a `seq` before the
first row is sent everything (`bodies.body_since`). Only the numbers of the clients are remembered for another thirty
days, in `doc_numbers`: an edit that is sent again then is still recognised and not appended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab.log import locked_heads
from portal.collab.models import DocNumber, DocState, DocUpdate
from portal.extensions import db
from portal.inserting import insert

KEPT_FOR = timedelta(days=30)
NUMBERS_KEPT_FOR = timedelta(days=60)
ROWS = 200  # a transaction


def due_for_trimming(limit: int) -> list[int]:
    """Documents whose first row is past its time: a look at one row of each, by the key."""
    first = sa.select(DocUpdate.at).where(DocUpdate.doc_id == DocState.doc_id, DocUpdate.seq <= DocState.seq)
    oldest = first.order_by(DocUpdate.seq).limit(1).scalar_subquery()
    return list(db.session.scalars(sa.select(DocState.doc_id).where(oldest < utcnow() - KEPT_FOR).limit(limit)))


def trim(document_id: int) -> int:
    """Delete the document's oldest rows that are past their time, at most ROWS. Returns how many."""
    locked_heads({document_id})  # a writer that looks for a repeated edit finds its row or its number, never neither
    columns = (DocUpdate.seq, DocUpdate.user_id, DocUpdate.client_key, DocUpdate.n, DocUpdate.at)
    query = (
        sa.select(*columns)
        .join(DocState, DocState.doc_id == DocUpdate.doc_id)
        .where(DocUpdate.doc_id == document_id, DocUpdate.seq <= DocState.seq, DocUpdate.at < utcnow() - KEPT_FOR)
        .order_by(DocUpdate.seq)
        .limit(ROWS)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return 0
    _remember(document_id, rows)
    past = (DocUpdate.doc_id == document_id, DocUpdate.seq.in_([row.seq for row in rows]))
    db.session.execute(sa.delete(DocUpdate).where(*past), execution_options={"synchronize_session": False})
    return len(rows)


def _remember(document_id: int, rows: Iterable[Any]) -> None:
    highest: dict[tuple[int, str], tuple[int, datetime]] = {}
    for row in rows:
        if row.user_id is not None:  # of somebody who was erased: nobody can send it again
            key = (row.user_id, row.client_key)
            highest[key] = max(highest.get(key, (0, row.at)), (row.n, row.at))
    values = [
        {"doc_id": document_id, "user_id": user_id, "client_key": client_key, "n": n, "at": at}
        for (user_id, client_key), (n, at) in highest.items()
    ]
    if not values:
        return
    remember = insert(DocNumber)
    new = remember.excluded
    larger = {name: sa.case((new.n > DocNumber.n, new[name]), else_=getattr(DocNumber, name)) for name in ("n", "at")}
    keys = [DocNumber.doc_id, DocNumber.user_id, DocNumber.client_key]
    db.session.execute(remember.on_conflict_do_update(index_elements=keys, set_=larger), values)


def forget_numbers() -> None:
    """Sixty days after an edit nobody sends it again: a browser keeps what it could not send for thirty."""
    past = sa.delete(DocNumber).where(DocNumber.at < utcnow() - NUMBERS_KEPT_FOR)
    db.session.execute(past, execution_options={"synchronize_session": False})
