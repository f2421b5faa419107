"""Words that came too late: those that wait for an editor, and what became of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _

from portal.collab.models import DocRescue
from portal.extensions import db
from portal.live.identity import identity

MOST_SHOWN = 50
LONGEST_SHOWN = 10_000  # characters; a megabyte of them may be handed in


@dataclass(frozen=True, slots=True)
class Rescued:
    """A rescue as pages show it. `text` is its beginning when `is_cut`."""

    id: int
    doc_id: int
    user_id: int | None
    reason: str
    at: datetime
    read_at: datetime | None
    decided_at: datetime | None
    decided_by_id: int | None
    decision: str
    error: str
    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class OwnRescues:
    """How many of somebody's rescues wait for an editor, and about how many one has decided."""

    waiting: int
    decided: int


class Told(Protocol):
    """Whatever says who wrote words and who decided about them."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def decided_by_id(self) -> int | None: ...


def rescues_waiting() -> sa.Subquery:
    """`doc_id`, `count` and `since` of every document with words that were read and wait: for a domain to join."""
    waiting = (
        sa.select(
            DocRescue.doc_id,
            sa.func.count().label("count"),
            sa.func.min(DocRescue.at, type_=DocRescue.at.type).label("since"),
        )
        .where(*_waits())
        .group_by(DocRescue.doc_id)
    )
    return waiting.subquery()


def open_rescues(document_id: int) -> list[Rescued]:
    """Those that were read and wait, the oldest first."""
    return _listed((DocRescue.doc_id == document_id, *_waits()), DocRescue.id)


def decided_rescues(document_id: int) -> list[Rescued]:
    """Those that were decided, the latest first."""
    return _listed(
        (DocRescue.doc_id == document_id, DocRescue.decided_at.is_not(None)),
        DocRescue.decided_at.desc(),
        DocRescue.id.desc(),
    )


def rescues_by(user_id: int) -> list[Rescued]:
    """What this person handed in, in whatever document, the latest first."""
    return _listed((DocRescue.user_id == user_id,), DocRescue.id.desc())


def own_rescues(user_id: int) -> OwnRescues:
    """How many rescues of this person are kept, in one statement."""
    mine = sa.select(sa.func.count(), sa.func.count(DocRescue.decided_at)).where(DocRescue.user_id == user_id)
    kept, decided = db.session.execute(mine).one()
    return OwnRescues(waiting=kept - decided, decided=decided)


def names_of(rescues: Sequence[Told]) -> dict[int | None, tuple[str, str]]:
    """Name and organisation of their writers and of who decided, by id; None is somebody whose account is gone."""
    both = (person for rescue in rescues for person in (rescue.user_id, rescue.decided_by_id))
    people = {person for person in both if person is not None}
    named: dict[int | None, tuple[str, str]] = {None: (_("Former member"), "")}
    for person, held in identity().names(people).items() if people else ():
        named[person] = held
    return named


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    return DocRescue.decided_at.is_(None), DocRescue.read_at.is_not(None)


def _listed(which: tuple[sa.ColumnElement[bool], ...], *order: Any) -> list[Rescued]:
    """Without the bytes, and without more of the words than a page shows."""
    query = sa.select(
        DocRescue.id,
        DocRescue.doc_id,
        DocRescue.user_id,
        DocRescue.reason,
        DocRescue.at,
        DocRescue.read_at,
        DocRescue.decided_at,
        DocRescue.decided_by_id,
        DocRescue.decision,
        DocRescue.error,
        sa.func.substr(DocRescue.text, 1, LONGEST_SHOWN).label("text"),
        (sa.func.length(DocRescue.text) > LONGEST_SHOWN).label("is_cut"),
    )
    rows = db.session.execute(query.where(*which).order_by(*order).limit(MOST_SHOWN)).mappings()
    return [Rescued(**row) for row in rows]
