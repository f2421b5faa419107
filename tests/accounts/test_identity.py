"""What sockets ask: who is there, are they still, and which sessions live."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import seen
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.extensions import db
from portal.live.identity import Principal, identity
from portal.transaction import commit


@pytest.fixture
def ana(make, sign_in):
    """Ana, signed in: her session is number 1."""
    person = make.leader("Ana", make.organisation("Northtown"))
    sign_in(person)
    return person


def principal_of(person, session_id=1):
    return Principal(user_id=person.id, session_id=session_id, name=person.name, organisation="", hue=1)


def test_a_person_is_read_again_with_their_roles_in_one_statement(app, ana, statements):
    with app.app_context(), statements() as sent:
        user = identity().load_user(principal_of(ana))
        assert user.membership.organisation.name == "Northtown"
        assert not user.is_officer
    assert len(sent) == 1


@pytest.mark.parametrize("change", ["revoked", "expired", "suspended"])
def test_whoever_may_not_act_any_more_is_nobody(app, ana, change):
    with app.app_context():
        assert identity().load_user(principal_of(ana)) is not None
        assert identity().live_sessions({1, 99}) == identity().held_sessions({1, 99}) == {1}
        if change == "revoked":
            db.session.execute(sa.update(AuthSession).values(revoked_at=utcnow()))
        if change == "expired":
            db.session.execute(sa.update(AuthSession).values(expires_at=utcnow() - timedelta(seconds=1)))
        if change == "suspended":
            db.session.execute(sa.update(User).values(suspended_at=utcnow()))
        commit()

        assert identity().load_user(principal_of(ana)) is None
        assert identity().live_sessions({1, 99}) == identity().held_sessions({1, 99}) == set()


def test_nobody_acts_by_another_persons_session(app, ana, make):
    with app.app_context():
        assert identity().load_user(principal_of(make.person("Eve"))) is None
        assert identity().load_user(principal_of(ana, session_id=99)) is None


def test_without_a_request_nobody_is_asking(app):
    with app.app_context():
        assert identity().identify() is None


def test_whoever_writes_is_seen_once_the_writing_is_committed(app, ana):
    app.extensions["sessions_seen"].at.clear()
    with app.app_context():
        identity().live_sessions({1})
        assert not app.extensions["redis"].exists(seen.NOTED)
        commit()
        assert list(app.extensions["redis"].hgetall(seen.NOTED)) == [b"1"]


def test_what_was_rolled_back_was_not_seen(app, ana):
    app.extensions["sessions_seen"].at.clear()
    with app.app_context():
        identity().live_sessions({1})
        db.session.rollback()
        db.session.remove()
        commit()
        assert not app.extensions["redis"].exists(seen.NOTED)


def test_people_are_named_with_their_organisation_in_one_statement(app, ana, make, statements):
    asa = make.associate("Asa")
    gone = asa.id + 1
    with app.app_context(), statements() as sent:
        names = identity().names([ana.id, asa.id, gone])
    assert names == {ana.id: ("Ana", "Northtown"), asa.id: ("Asa", ""), gone: ("Former member", "")}
    assert len(sent) == 1
