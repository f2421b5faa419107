"""Taking the sample away: what is marked, whatever hangs on it in any domain, and the traces of the invented people.

It follows the foreign keys of all tables, so that a domain that comes later is covered by being there. A row
that must refer to something that goes, goes too; where it may be empty, it is emptied. So the text of a real
application that an invented person wrote in stays, and a post of theirs on a real board does not.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal import live
from portal.accounts.models import Invitation, User
from portal.applications.models import Application, Section
from portal.audit import AuditEvent
from portal.boards.models import Board
from portal.collab.models import Document
from portal.extensions import db
from portal.members.models import Enquiry, OfficerTerm, Organisation
from portal.sample import queries
from portal.sample.actions.mail import forget_mail
from portal.sample.actions.recount import recount
from portal.transaction import on_commit

MARKED = (User, Organisation, Board, Application, Enquiry)

# May be empty, and yet the row means nothing without the invented person.
BELONGS_TO = (
    OfficerTerm.user_id,
    Invitation.invited_by_id,
    Invitation.accepted_by_id,
    AuditEvent.actor_id,
)

Doomed = dict[sa.Table, set[Any]]


def remove() -> int:
    """Delete the sample. Returns how many rows went; nought when there was none. Flushes; the edge commits."""
    people = queries.sample_people()
    forget_mail({person.email for person in people})
    for person in people:
        on_commit(live.disconnect_user, person.id)
    doomed: Doomed = {model.__table__: _ids(sa.select(model.id).where(model.is_sample)) for model in MARKED}
    while _grow(doomed):
        pass
    _let_go(doomed)
    _delete(doomed)
    recount()
    db.session.expire_all()
    return sum(len(ids) for ids in doomed.values())


def _ids(query: sa.Select[Any]) -> set[Any]:
    return set(db.session.scalars(query))


def _grow(doomed: Doomed) -> bool:
    """Add what must go with what goes already. True while there was something to add."""
    before = sum(len(ids) for ids in doomed.values())
    for table in db.metadata.sorted_tables:
        for column, target in _references(table):
            if _must_follow(column) and doomed.get(target):
                _add(doomed, table, column.in_(doomed[target]))
    _add_documents(doomed)
    _add_invitations(doomed)
    _add_audit(doomed)
    return sum(len(ids) for ids in doomed.values()) > before


def _references(table: sa.Table) -> list[tuple[sa.Column[Any], sa.Table]]:
    """The columns of `table` that hold another table's id, each with that table."""
    return [(key.parent, key.column.table) for key in table.foreign_keys]


def _must_follow(column: sa.Column[Any]) -> bool:
    return not column.nullable or any(column is each.property.columns[0] for each in BELONGS_TO)


def _add(doomed: Doomed, table: sa.Table, condition: sa.ColumnElement[bool]) -> None:
    """Rows are known by their whole primary key where it has several columns."""
    key = list(table.primary_key.columns)
    rows = db.session.execute(sa.select(*key).where(condition)).all()
    doomed.setdefault(table, set()).update(row[0] if len(key) == 1 else tuple(row) for row in rows)


def _add_documents(doomed: Doomed) -> None:
    """A text belongs to its section, though the section is what points."""
    sections = doomed.get(Section.__table__, set())
    documents = _ids(sa.select(Section.document_id).where(Section.id.in_(sections)))
    doomed.setdefault(Document.__table__, set()).update(documents)


def _add_invitations(doomed: Doomed) -> None:
    """`subject_id` is no foreign key: its kind says what it is."""
    subjects: dict[str, Any] = {"leader": Organisation, "colleague": Organisation, "application": Application}
    for kind, model in subjects.items():
        ids = doomed.get(model.__table__, set())
        _add(doomed, Invitation.__table__, sa.and_(Invitation.kind == kind, Invitation.subject_id.in_(ids)))


def _add_audit(doomed: Doomed) -> None:
    """What anybody did to invented things."""
    for table, ids in list(doomed.items()):
        if table is not AuditEvent.__table__ and len(table.primary_key.columns) == 1:
            about = sa.and_(AuditEvent.object_type == table.name, AuditEvent.object_id.in_(ids))
            _add(doomed, AuditEvent.__table__, about)


def _let_go(doomed: Doomed) -> None:
    """Empty what may be empty in the rows that stay."""
    for table in db.metadata.sorted_tables:
        for column, target in _references(table):
            if not _must_follow(column) and doomed.get(target):
                db.session.execute(sa.update(table).where(column.in_(doomed[target])).values({column: None}))


def _delete(doomed: Doomed) -> None:
    for table in reversed(db.metadata.sorted_tables):
        if ids := doomed.get(table):
            key = list(table.primary_key.columns)
            wanted = key[0] if len(key) == 1 else sa.tuple_(*key)
            db.session.execute(sa.delete(table).where(wanted.in_(ids)))
