"""Who may see and do what with organisations: each rule, asked of every kind of person."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import Forbidden, NotFound

from portal.clock import utcnow
from portal.extensions import db
from portal.members import policy
from tests.builders import Make


def test_leaders_and_deputies_invite_into_their_own_organisation_only(make: Make) -> None:
    home, elsewhere = make.organisation("Northtown"), make.organisation("Southtown")
    ana, dele = make.leader("Ana", home), make.deputy("Dele", home)
    others = [
        make.leader("Ben", elsewhere),
        make.colleague("Cara", home),
        make.officer("Olu"),
        make.associate("Eve"),
    ]

    assert policy.can_invite(ana, home)
    assert policy.can_invite(dele, home)
    assert not policy.can_invite(ana, elsewhere)
    assert not any(policy.can_invite(person, home) for person in others)


def test_an_organisation_that_left_is_not_there(app: Flask, make: Make) -> None:

    gone = make.organisation("Gone", left_at=utcnow())
    ana = make.leader("Ana")
    with app.app_context(), pytest.raises(NotFound):
        policy.access_organisation(ana, gone.slug)


def test_a_colleague_sees_the_organisation_but_may_not_edit_it(app: Flask, make: Make) -> None:
    home = make.organisation("Northtown")
    cara = make.colleague("Cara", home)
    with app.app_context():
        assert policy.access_organisation(cara, home.slug).name == "Northtown"
        with pytest.raises(Forbidden):
            policy.access_organisation(cara, home.slug, to=policy.can_edit_organisation)


def test_only_members_and_officers_see_who_belongs_to_an_organisation(app: Flask, make: Make) -> None:
    ana, olu, eve = make.leader("Ana"), make.officer("Olu"), make.associate("Eve")
    with app.app_context():
        counts = [len(db.session.scalars(policy.visible_memberships(user)).all()) for user in (ana, olu, eve)]
    assert counts == [1, 1, 0]
