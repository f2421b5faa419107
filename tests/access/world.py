"""A small world in which everybody of the matrix stands somewhere, and which can be put back as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import actions as accounts
from portal.accounts import tokens
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import SignInLink, User
from portal.clock import utcnow
from portal.extensions import db
from portal.members import actions as members
from portal.members.models import Membership
from tests.browsing import ORIGIN
from tests.builders import Make

PEOPLE = ("officer", "leader", "colleague", "other", "associate", "suspended", "anonymous")
TOKEN = "the-token-of-this-link"


@dataclass(frozen=True)
class World:
    """`people` by their column of the matrix; `ids` by the names that the matrix uses in addresses."""

    app: Flask
    people: dict[str, User]
    ids: dict[str, Any]
    keys: dict[str, str]
    rows: dict[str, list[Any]]

    def browser(self, name: str) -> FlaskClient:
        """A browser of its own, with the session that this person has (anonymous: none)."""
        browser = self.app.test_client()
        if name in self.keys:
            with browser.session_transaction(base_url=ORIGIN) as cookie:
                cookie[COOKIE_KEY] = self.keys[name]
        return browser

    def restore(self) -> None:
        """Every row as it was built, and nothing remembered in the messenger."""
        self.app.extensions["redis"].flushall()
        with self.app.app_context(), db.engine.begin() as connection:
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in db.metadata.sorted_tables:
                if self.rows[table.name]:
                    connection.execute(table.insert(), self.rows[table.name])


def build(app: Flask, make: Make) -> World:
    """Ana leads an application and Cem, her colleague, writes in it; Eve's organisation was asked to join."""
    home, elsewhere = make.organisation("Home Centre"), make.organisation("Other Centre")
    people = {
        "officer": make.officer("Olu"),
        "leader": make.leader("Ana", home),
        "colleague": make.colleague("Cem", home),
        "other": make.leader("Eve", elsewhere),
        "associate": make.associate("Asa"),
        "suspended": make.leader("Sam", home),
    }
    ana, cem, gus = people["leader"], people["colleague"], make.associate("Gus")
    application = make.application(ana, "Kindness on wards")
    place = make.participant(application, cem)
    make.participant(application, people["suspended"])
    waiting = make.participant(application, gus, "reader", guest=True, confirmed=False)
    thread = make.thread(make.board("Open"), ana)
    post = make.post(thread)
    officers_thread = make.thread(make.board("Closed", audience="officers"), people["officer"])
    to_home, path = make.invitation("colleague", by=ana, subject_id=home.id, role="colleague")
    to_team, _path = make.invitation("application", by=ana, subject_id=application.id, role="reader")
    ids = {
        "app": application.id,
        "key": application.sections[0].key,
        "document": application.sections[0].document_id,
        "version": make.version(application.sections[0].document_id).id,
        "rescue": make.rescue(application.sections[0].document_id, cem).id,
        "partner": make.partner(application, elsewhere).id,
        "place": place.id,
        "waiting": waiting.id,
        "thread": thread.id,
        "post": post.id,
        "officers_thread": officers_thread.id,
        "invitation": path.rpartition("/")[2],
        "to_home": to_home.id,
        "to_team": to_team.id,
        "link": TOKEN,
        "digest": app.extensions["assets"].hashes["favicon.svg"],
        **rows_without_builder(make, cem, ana),
    }
    keys = sign_everybody_in(make, people)
    ids |= {"leaders_session": keys["leader"].partition(".")[0]}
    return World(app, people, ids, keys, rows_of(app))


def rows_without_builder(make: Make, cem: User, ana: User) -> dict[str, int]:
    """A confirmed enquiry, a link by mail, and which membership is Cem's."""
    with make.saved(), make.app.test_request_context():
        enquiry = members.submit_enquiry(kind="join", name="Quo", email="q@example.org", organisation="", message="Hi")
        enquiry.token_hash = tokens.digest(TOKEN)
        members.confirm_enquiry(enquiry)
        link = SignInLink(user_id=ana.id, token_hash=tokens.digest(TOKEN), created_at=utcnow(), expires_at=utcnow())
        link.expires_at = utcnow().replace(year=utcnow().year + 1)
        db.session.add(link)
        membership = db.session.scalars(sa.select(Membership).where(Membership.user_id == cem.id)).one()
        return {"enquiry": enquiry.id, "membership": membership.id}


def sign_everybody_in(make: Make, people: dict[str, User]) -> dict[str, str]:
    """Each person's cookie key. Sam is suspended after he signed in."""
    keys = {}
    with make.saved():
        for name, user in people.items():
            session, secret = accounts.start_session(db.session.get_one(User, user.id), agent="test")
            session.verified_at = utcnow()
            keys[name] = f"{session.id}.{secret}"
        db.session.get_one(User, people["suspended"].id).suspended_at = utcnow()
    return keys


def rows_of(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table."""
    with app.app_context(), db.engine.begin() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in db.metadata.sorted_tables
        }
