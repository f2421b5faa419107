"""The writer's statements, made once: building and hashing them takes longer than the database needs to answer."""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa

from portal.collab.models import DocAuthor, DocHead, DocNumber, DocState, DocUpdate

_heads = DocHead.__table__
MOVE_HEAD = (
    sa.update(_heads)
    .where(_heads.c.doc_id == sa.bindparam("doc"))
    .values(seq=sa.bindparam("new_seq"), size=sa.bindparam("new_size"), edited_at=sa.bindparam("now"))
)
INSERT_AUTHORS, INSERT_UPDATES = sa.insert(DocAuthor.__table__), sa.insert(DocUpdate.__table__)

LOCKED_HEADS = (
    sa.select(DocHead.doc_id, DocHead.seq, DocHead.size, DocHead.rights_seq, DocHead.locked_at, DocHead.epoch)
    .where(DocHead.doc_id.in_(sa.bindparam("documents", expanding=True)))
    .order_by(DocHead.doc_id)
    .with_for_update()
)

# A process that stands still in the middle of its transaction keeps the document's head from all others.
STOPPED_SECONDS = 4


@functools.cache
def heads_of_writer(dialect: sa.Dialect) -> sa.Executable:
    """LOCKED_HEADS; PostgreSQL then ends the transaction in time, whether or not our process still lives.

    The time of idle transactions, all there is before PostgreSQL 17, does not run after several rows were inserted at
    once (measured with 18.6: psycopg sends them as a pipeline). On SQLite there is no other process.
    """
    if dialect.name != "postgresql":
        return LOCKED_HEADS
    is_new = (dialect.server_version_info or (0,)) >= (17,)
    limit = "transaction_timeout" if is_new else "idle_in_transaction_session_timeout"
    return LOCKED_HEADS.add_columns(sa.func.set_config(limit, f"{STOPPED_SECONDS}s", True))


# Also of pairs that nobody asked for: SQLite finds no index for pairs.
AUTHORS = sa.select(DocAuthor.doc_id, DocAuthor.client_id, DocAuthor.user_id).where(
    DocAuthor.doc_id.in_(sa.bindparam("documents", expanding=True)),
    DocAuthor.client_id.in_(sa.bindparam("clients", expanding=True)),
)

Span = tuple[int, int, str, int, int]
"""Consecutive numbers of one line: document, person, key, first n, last n."""

NAMES = ("document", "user", "key", "first", "last")


def known(spans: list[Span], documents: set[int]) -> tuple[sa.CompoundSelect[Any], dict[str, Any]]:
    """What the log knows of these, as a statement and its values: rows of (what, document, person, key, n, seq).

    "known" are the edits that stand in it, "trimmed" the last n of each line whose rows were trimmed from it,
    "unreadable" the documents that are marked so.
    """
    wanted = spans + spans[-1:] * ((1 << (len(spans) - 1).bit_length()) - len(spans))
    values: dict[str, Any] = {
        f"{name}_{place}": value for place, span in enumerate(wanted) for name, value in zip(NAMES, span, strict=True)
    }
    return _known(len(wanted)), values | {"documents": list(documents)}


@functools.cache
def _known(spans: int) -> sa.CompoundSelect[Any]:
    """For a power of two, so that there are few of them.

    By OR, which both databases look up in an index: SQLite reads the whole log for a tuple that is one of several.
    """
    standing = (sa.and_(_of_line(DocUpdate, place), _within(place)) for place in range(spans))
    trimmed = (_of_line(DocNumber, place) for place in range(spans))
    update, number = ((table.doc_id, table.user_id, table.client_key, table.n) for table in (DocUpdate, DocNumber))
    nothing = (sa.literal(0), sa.literal(""), sa.literal(0), sa.literal(0))
    is_asked = DocState.doc_id.in_(sa.bindparam("documents", expanding=True))
    return sa.union_all(
        sa.select(sa.literal("known"), *update, DocUpdate.seq).where(sa.or_(*standing)),
        sa.select(sa.literal("trimmed"), *number, sa.literal(0)).where(sa.or_(*trimmed)),
        sa.select(sa.literal("unreadable"), DocState.doc_id, *nothing).where(is_asked, DocState.failed_at.is_not(None)),
    )


def _of_line(table: type[DocUpdate | DocNumber], place: int) -> sa.ColumnElement[bool]:
    columns = (table.doc_id, table.user_id, table.client_key)
    return sa.and_(*(column == sa.bindparam(f"{name}_{place}") for column, name in zip(columns, NAMES, strict=False)))


def _within(place: int) -> sa.ColumnElement[bool]:
    return DocUpdate.n.between(sa.bindparam(f"first_{place}"), sa.bindparam(f"last_{place}"))
