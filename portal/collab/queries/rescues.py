"""Words that came too late: those that wait for an editor, and what became of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import defer

from portal.collab.models import DocRescue
from portal.extensions import db
from portal.live.identity import identity

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class OwnRescues:
    """How many of somebody's rescues wait for an editor, and about how many one has decided."""

    waiting: int
    decided: int


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


def open_rescues(document_id: int) -> list[DocRescue]:
    """Those that were read and wait, the oldest first, without their bytes."""
    return _listed(sa.select(DocRescue).where(DocRescue.doc_id == document_id, *_waits()).order_by(DocRescue.id))


def decided_rescues(document_id: int) -> list[DocRescue]:
    """Those that were decided, the latest first, without their bytes."""
    query = sa.select(DocRescue).where(DocRescue.doc_id == document_id, DocRescue.decided_at.is_not(None))
    return _listed(query.order_by(DocRescue.decided_at.desc(), DocRescue.id.desc()))


def rescues_by(user_id: int) -> list[DocRescue]:
    """What this person handed in, in whatever document, the latest first, without the bytes."""
    return _listed(sa.select(DocRescue).where(DocRescue.user_id == user_id).order_by(DocRescue.id.desc()))


def own_rescues(user_id: int) -> OwnRescues:
    """How many rescues of this person are kept, in one statement."""
    mine = sa.select(sa.func.count(), sa.func.count(DocRescue.decided_at)).where(DocRescue.user_id == user_id)
    kept, decided = db.session.execute(mine).one()
    return OwnRescues(waiting=kept - decided, decided=decided)


def names_of(rescues: list[DocRescue]) -> dict[int | None, tuple[str, str]]:
    """Name and organisation of their writers and of who decided, by id; None is somebody whose account is gone."""
    both = (person for rescue in rescues for person in (rescue.user_id, rescue.decided_by_id))
    people = {person for person in both if person is not None}
    named: dict[int | None, tuple[str, str]] = {None: (_("Former member"), "")}
    for person, held in identity().names(people).items() if people else ():
        named[person] = held
    return named


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    return DocRescue.decided_at.is_(None), DocRescue.read_at.is_not(None)


def _listed(query: sa.Select[DocRescue]) -> list[DocRescue]:
    return list(db.session.scalars(query.options(defer(DocRescue.body)).limit(MOST_SHOWN)))
