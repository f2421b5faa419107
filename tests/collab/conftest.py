"""Documents of a kind of their own: who may do what is said by each test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from portal.accounts.models import User
from portal.collab import actions, kinds
from portal.collab.models import DocUpdate
from portal.extensions import db
from portal.transaction import commit
from tests.collab.tabs import Tab


class Rights:
    """Roles by (person, document), as a domain would answer them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.roles: dict[tuple[int, int], str] = {}
        self.managers: set[int] = set()
        self.lost: dict[tuple[int, int], datetime] = {}

    def give(self, user: User, document_id: int, role: str) -> None:
        self.roles[user.id, document_id] = role

    def change(self, user: User, document_id: int, role: str) -> None:
        """As `give`, said as a domain says it: in a transaction, and everybody is judged anew."""
        with self.app.app_context():
            self.roles[user.id, document_id] = role
            actions.rights_changed([document_id])
            commit()

    def role(self, user: Any, document_id: int) -> str:
        return self.roles.get((user.id, document_id), "none")

    def of(self, user_ids: set[int], document_id: int) -> dict[int, str]:
        return {
            user_id: self.roles[user_id, document_id] for user_id in user_ids if (user_id, document_id) in self.roles
        }

    def place(self, document_id: int) -> kinds.Place:
        return kinds.Place(f"Note {document_id}", f"/notes/{document_id}", (("Notes", "/notes"),))

    def lost_write_at(self, user_id: int, document_id: int) -> datetime | None:
        return self.lost.get((user_id, document_id))

    def may_manage(self, user: Any, _document_id: int) -> bool:
        return user.id in self.managers


@pytest.fixture
def rights(app: Flask) -> Rights:
    rights = Rights(app)
    kinds.register(
        "note",
        kinds.Kind(
            role=rights.role,
            roles=rights.of,
            place=rights.place,
            may_manage=rights.may_manage,
            lost_write_at=rights.lost_write_at,
        ),
    )
    return rights


@pytest.fixture
def note(app: Flask, rights: Rights) -> Callable[..., int]:
    """`note("Vision", writers=[ana], readers=[ben])`: the id of a new document."""

    def made(*paragraphs: str, writers: Any = (), readers: Any = ()) -> int:
        with app.app_context():
            document_id = actions.create_document("note", [("p", text) for text in paragraphs]).id
            commit()
        for people, role in ((writers, "write"), (readers, "read")):
            for person in people:
                rights.give(person, document_id, role)
        return document_id

    return made


@pytest.fixture
def tab(connect: Callable[..., Any]) -> Callable[..., Tab]:
    """`tab(ana, document_id)`: a new tab of this person with the document open."""

    def opened(user: User, document_id: int, *, browser: Any = None, **opening: Any) -> Tab:
        return Tab(connect(user, namespace="/doc", browser=browser), document_id, **opening)

    return opened


@pytest.fixture
def log_of(app: Flask) -> Callable[[int], list[Any]]:
    """The rows of a document's log."""

    def rows(document_id: int) -> list[Any]:
        with app.app_context():
            columns = (DocUpdate.seq, DocUpdate.user_id, DocUpdate.client_key, DocUpdate.n)
            return list(db.session.query(*columns).filter_by(doc_id=document_id).order_by(DocUpdate.seq))

    return rows
