"""The people and texts of one measured portal: `python -m bench.live.world`, with the portal's settings in place.

Prints JSON: `cookies`, one a person; `documents` with one empty paragraph; `long` with the long document's text.
Sessions are made in the database: two hundred sign-ins are what the sign-in's limits are there to stop.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from portal import create_app, migrating
from portal.accounts.actions import start_session
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import User
from portal.applications import actions as applications
from portal.applications import templates
from portal.applications.models import Application, Participant, Section
from portal.clock import utcnow
from portal.collab.actions import create_document
from portal.collab.models import DocHead, DocState, Document, DocUpdate
from portal.collab.protocol import unframe
from portal.extensions import db
from portal.members.models import Membership, Organisation
from portal.transaction import commit, writing

EDITS_IN_STATE = 2 * 137_154 - 400  # keystrokes that the long document's state stands for
BATCH = 50


def main() -> None:
    """Make the world and print where everything is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--long", type=Path)
    parser.add_argument("--long-documents", type=int, default=0)
    asked = parser.parse_args()
    app = create_app()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        writing()
        migrating.bind(app)
        migrating.upgrade()
        people = make_people(asked.people)
        application = make_application(people)
        documents = list(make_documents(application, asked.documents))
        long = list(make_documents(application, asked.long_documents, first=asked.documents))
        for document_id in long:
            lengthen(document_id, asked.long.read_bytes(), people[0])
        commit()
        cookies = sign_in_all(app, people)
    print(json.dumps({"cookies": cookies, "documents": documents, "long": long}))


def make_people(count: int) -> list[User]:
    """Colleagues of one organisation, the first its leader."""
    home = Organisation(slug="bench-centre", name="Bench Centre", place="Leicester", country="GB")
    db.session.add(home)
    people = []
    for number in range(count):
        email = f"person-{number}@bench.example"
        person = User(name=f"Person {number}", email=email, email_key=email, time_zone="Europe/London")
        role = "colleague" if number else "leader"
        db.session.add_all(
            (person, Membership(user=person, organisation=home, role=role, starts_on=utcnow().date())),
        )
        people.append(person)
    commit()
    return people


def make_application(people: list[User]) -> Application:
    """One application with everybody as a writer."""
    lead, *others = people
    assert lead.membership is not None
    application: Application = applications.start_application(
        title="An application of the benchmark",
        template=templates.newest("ssi-rsmf-full"),
        organisation=lead.membership.organisation,
        deadline=None,
        by=lead,
    )
    for person in others:
        db.session.add(
            Participant(
                application=application,
                user=person,
                role="writer",
                added_by=lead,
                confirmed_at=utcnow(),
                organisation=lead.membership.organisation,
            )
        )
    commit()
    return application


def make_documents(application: Application, count: int, first: int = 0) -> Iterator[int]:
    """Sections with a text each; the documents' ids."""
    for number in range(first, first + count):
        document: Document = create_document("section")
        section = Section(
            application=application, key=f"bench-{number}", position=100 + number, title="Bench", document=document
        )
        db.session.add(section)
        if number % BATCH == 0:
            commit()
        yield document.id
    commit()


def lengthen(document_id: int, framed: bytes, author: User) -> None:
    """Put the long text in place of the seed, as the reader would have left it: a state, and a tail of updates."""
    state, *tail = [bytes(update) for update in unframe(framed)]
    seq = EDITS_IN_STATE + len(tail)
    size = len(state) + sum(map(len, tail))
    now = utcnow()
    db.session.execute(
        sa.update(DocState)
        .where(DocState.doc_id == document_id)
        .values(body=state, seq=EDITS_IN_STATE, read_seq=seq, read_at=now)
    )
    db.session.execute(
        sa.update(DocHead).where(DocHead.doc_id == document_id).values(seq=seq, size=size, edited_at=now)
    )
    rows = [
        {
            "doc_id": document_id,
            "seq": EDITS_IN_STATE + number,
            "user_id": author.id,
            "client_key": "bench-long",
            "n": number,
            "at": now,
            "body": update,
        }
        for number, update in enumerate(tail, 1)
    ]
    db.session.execute(sa.insert(DocUpdate), rows)


def sign_in_all(app: Any, people: list[User]) -> list[str]:
    """A session of each person, as the value of a Cookie header."""
    signer = app.session_interface.get_signing_serializer(app)
    name = app.config["SESSION_COOKIE_NAME"]
    cookies = []
    for person in people:
        session, secret = start_session(person, own_device=False, agent="bench")
        cookies.append(f"{name}={signer.dumps({COOKIE_KEY: f'{session.id}.{secret}'})}")
    commit()
    return cookies


if __name__ == "__main__":
    main()
