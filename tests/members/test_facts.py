"""The network's public facts: there from the first start, never invented, never brought back."""

from __future__ import annotations

import sqlalchemy as sa

from portal.clock import utcnow
from portal.extensions import db
from portal.members import facts
from portal.members.models import OfficerTerm, Organisation
from portal.web.slugs import slug_for


def load(app):
    return app.test_cli_runner().invoke(args=["facts", "load"], catch_exceptions=False).output


def test_the_first_start_brings_the_members_and_officers_that_are_stated(app, client):
    assert load(app) == "The network's facts: 14 added.\n"
    page = client.get("/members").text
    for fields in facts.read()["organisations"]:
        assert fields["name"] in page
    officers = client.get("/officers").text
    assert "Tracy Levett-Jones" in officers
    assert "Deputy secretary" in officers
    assert officers.count('class="title"') == 3


def test_loading_again_changes_nothing_and_writes_nothing(app, statements):
    load(app)
    with statements() as seen:
        assert load(app) == "The network's facts are there.\n"
    assert all(line.startswith("SELECT") for line in seen)
    assert len(seen) == 2


def test_an_edited_profile_a_member_that_left_and_a_term_that_ended_stay_so(app, client):
    load(app)
    with app.app_context():
        first, second = db.session.scalars(sa.select(Organisation).order_by(Organisation.id).limit(2))
        first.name, second.left_at = "Renamed", utcnow()
        db.session.scalars(sa.select(OfficerTerm)).first().ends_on = utcnow().date()
        gone = second.name
        db.session.commit()
    load(app)
    page = client.get("/members").text
    assert "Renamed" in page
    assert gone not in page
    assert "Jeremy Howick" not in client.get("/officers").text


def test_every_entry_has_an_address_of_its_own_made_as_the_portal_makes_them():
    entries = facts.read()["organisations"]
    assert len({fields["slug"] for fields in entries}) == len(entries) == 11
    assert all(slug_for(fields["slug"], otherwise="member") == fields["slug"] for fields in entries)
