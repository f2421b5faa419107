"""What the shared documents learn of a section: where it stands, and who manages its text."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.models import Application
from portal.collab import kinds
from portal.extensions import db

ROLES = {"lead": True, "second lead": True, "writer": False, "reader": False, "partner's leader": False, "guest": False}


@pytest.fixture
def team(make):
    ana, ben = make.leader("Ana"), make.leader("Ben")
    home = ana.membership.organisation
    application = make.application(ana, "Kindness on wards")
    people = {
        "lead": ana,
        "second lead": make.colleague("Lea", home),
        "writer": make.colleague("Wim", home),
        "reader": make.colleague("Rea", home),
        "partner's leader": ben,
        "guest": make.associate("Gus"),
        "outsider": make.leader("Eve"),
        "officer": make.officer("Olu"),
    }
    make.participant(application, people["second lead"], "lead")
    make.participant(application, people["writer"], "writer")
    make.participant(application, people["reader"], "reader")
    make.participant(application, ben, "writer")
    make.participant(application, people["guest"], "writer", guest=True)
    return application, people


def test_a_section_says_where_its_text_stands(app, team, statements):
    application, _people = team
    with app.test_request_context(), statements() as sent:
        place = kinds.find("section").place(application.sections[0].document_id)
    assert (place.title, place.url) == ("Summary", f"/applications/{application.id}/sections/summary")
    assert place.crumbs == (
        ("Funding", "/applications"),
        ("Kindness on wards", f"/applications/{application.id}"),
    )
    assert len(sent) == 1


def test_the_lead_manages_a_text_and_nobody_else(app, team):
    application, people = team
    document_id = application.sections[0].document_id
    with app.app_context():
        loaded = policy.one_whole(sa.select(Application).where(Application.id == application.id))
        for role, person in people.items():
            user = db.session.get_one(User, person.id)
            may_manage = kinds.find("section").may_manage(user, document_id)
            assert may_manage is ROLES.get(role, False), role
            assert may_manage is policy.can_lead(user, loaded), role


def test_a_lead_who_left_the_organisation_manages_nothing(app, team, make):
    application, people = team
    with make.saved():
        user = db.session.get_one(User, people["second lead"].id)
        user.membership.ends_on = user.membership.starts_on
    with app.app_context():
        user = db.session.get_one(User, people["second lead"].id)
        assert not kinds.find("section").may_manage(user, application.sections[0].document_id)
