"""Organisations on an application: asked, answering, bringing colleagues, leaving."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from portal import jobs
from portal.applications.models import Participant, Partner, Section
from portal.extensions import db
from portal.web.slots import waiting
from tests.applications.test_sections import fragments, section_of, watch
from tests.collab.tabs import Tab


def mails(app):
    with app.app_context():
        jobs.run_due_jobs()
    return app.extensions["mail_transport"].messages


def partner_of(app, application, organisation):
    with app.app_context():
        query = sa.select(Partner).where(
            Partner.application_id == application.id, Partner.organisation_id == organisation.id
        )
        return db.session.scalars(query).one_or_none()


def participant_of(app, application, user):
    with app.app_context():
        query = sa.select(Participant).where(
            Participant.application_id == application.id, Participant.user_id == user.id
        )
        return db.session.scalars(query).one_or_none()


def waiting_titles(app, user):
    with app.test_request_context():
        again = db.session.get(type(user), user.id)
        return [str(item.title) for items in waiting for item in items(again)]


def invite(browser, application, organisation):
    return browser.post(f"/applications/{application.id}/partners", data={"organisation": organisation.id})


@pytest.fixture
def two(make):
    """Ana leads an application; Ben leads another organisation, Bo is his deputy and Cal his colleague."""
    ana, ben = make.leader("Ana"), make.leader("Ben", time_zone="Australia/Sydney")
    north = ben.membership.organisation
    application = make.application(ana, "Empathy for all", deadline=("2026-12-18T17:00", "Europe/London"))
    return application, ana, ben, north, make.deputy("Bo", north), make.colleague("Cal", north)


def test_the_road_of_two_organisations(app, two, sign_in, connect):
    application, ana, ben, north, bo, cal = two
    lead, leader = sign_in(ana), sign_in(ben)
    assert invite(lead, application, north).status_code == 303
    assert {mail["To"].split("<")[-1].strip(">") for mail in mails(app)} == {ben.email, bo.email}
    [text] = {mail.get_content() for mail in mails(app) if ben.email in mail["To"]}
    assert "Empathy for all" in text
    assert "SSI / UKRI" in text
    assert "Fri 18 December 2026, 17:00 in London" in text
    assert "Sat 04:00 for you" in text
    assert len(waiting_titles(app, ben)) == 1
    assert leader.get(f"/applications/{application.id}").status_code == 404

    asked = partner_of(app, application, north)
    page = leader.get(f"/applications/invitations/{asked.id}").text
    for words in ("Ana", "Empathy for all", "SSI / UKRI", "17:00 in London"):
        assert words in page
    assert "Vision" not in page

    answer = leader.post(f"/applications/invitations/{asked.id}/acceptance")
    assert answer.location.endswith(f"/applications/{application.id}")
    assert participant_of(app, application, ben).role == "writer"
    assert waiting_titles(app, ben) == []
    assert "Ben accepted for" in mails(app)[-1].get_content()

    added = leader.post(f"/applications/{application.id}/people", data={"user": cal.id, "role": "writer"})
    assert added.status_code == 303
    section = section_of(app, application)
    together = [Tab(connect(person, namespace="/doc"), section.document_id) for person in (ana, ben, cal)]
    together[2].write("From Cal")
    assert [tab.text for tab in together] == ["From Cal"] * 3


def test_a_decline_is_told_and_opens_nothing(app, two, sign_in):
    application, ana, ben, north, *_ = two
    invite(sign_in(ana), application, north)
    asked = partner_of(app, application, north)
    sign_in(ben).post(f"/applications/invitations/{asked.id}/refusal")
    assert partner_of(app, application, north).state == "declined"
    assert sign_in(ben).get(f"/applications/{application.id}").status_code == 404
    assert sign_in(ben).post(f"/applications/invitations/{asked.id}/acceptance").status_code == 404
    assert "Declined" in sign_in(ana).get(f"/applications/{application.id}/partners").text
    assert invite(sign_in(ana), application, north).status_code == 303  # and may be asked again
    assert partner_of(app, application, north).state == "invited"


def test_only_leaders_of_the_organisation_answer_for_it(app, two, make, sign_in, client):
    application, ana, _ben, north, _bo, cal = two
    invite(sign_in(ana), application, north)
    asked = partner_of(app, application, north)
    for person in (cal, make.leader("Eve"), make.officer("Omar"), make.associate("Ali"), ana):
        browser = sign_in(person)
        assert browser.get(f"/applications/invitations/{asked.id}").status_code == 404
        assert browser.post(f"/applications/invitations/{asked.id}/acceptance").status_code == 404
        assert browser.post(f"/applications/invitations/{asked.id}/refusal").status_code == 404
    assert client.get(f"/applications/invitations/{asked.id}").location.startswith("/sign-in")
    assert partner_of(app, application, north).state == "invited"


def test_a_withdrawn_invitation_cannot_be_accepted(app, two, sign_in):
    application, ana, ben, north, *_ = two
    invite(sign_in(ana), application, north)
    asked = partner_of(app, application, north)
    end = f"/applications/{application.id}/partners/{asked.id}/end"
    assert "Withdraw the invitation" in sign_in(ana).get(end).text
    assert sign_in(ana).post(end).status_code == 303
    assert sign_in(ben).post(f"/applications/invitations/{asked.id}/acceptance").status_code == 404
    assert waiting_titles(app, ben) == []


def test_an_organisation_without_an_account_or_outside_the_list_is_not_invited(app, two, make, sign_in):
    application, ana, *_ = two
    empty = make.organisation("Nobody There")
    answer = invite(sign_in(ana), application, empty)
    assert answer.status_code == 422
    assert "Nobody at this organisation has an account yet" in answer.text
    assert partner_of(app, application, empty) is None
    for wrong in ("", "0", "99999", "x", str(ana.membership.organisation_id)):
        answer = sign_in(ana).post(f"/applications/{application.id}/partners", data={"organisation": wrong})
        assert answer.status_code == 422, wrong


def test_only_the_lead_invites_organisations(app, two, make, sign_in):
    application, _ana, ben, *_ = two
    make.participant(application, ben, "writer")
    other = make.leader("Eve").membership.organisation
    assert invite(sign_in(ben), application, other).status_code == 403
    assert invite(sign_in(make.officer("Omar")), application, other).status_code == 404
    assert partner_of(app, application, other) is None


def test_a_partner_that_leaves_loses_access_at_once_and_its_text_stays(app, two, make, sign_in, connect):
    application, ana, ben, north, _bo, cal = two
    make.participant(application, ben, "writer")
    make.participant(application, cal, "writer")
    sign_in(ana).post(f"/applications/{application.id}/sections/vision/organisation", data={"organisation": north.id})
    section = section_of(app, application)
    tab = Tab(connect(cal, namespace="/doc"), section.document_id)
    tab.write("Words that stay")
    watching = connect(cal)
    assert watch(watching, application)
    watching.get_received()

    place = partner_of(app, application, north)
    assert sign_in(cal).post(f"/applications/{application.id}/partners/{place.id}/end").status_code == 403
    assert sign_in(ben).post(f"/applications/{application.id}/partners/{place.id}/end").status_code == 303

    for person in (ben, cal):
        assert sign_in(person).get(f"/applications/{application.id}").status_code == 404
    tab.write(" not these")
    assert "gone" in {answer["code"] for answer in tab.hear().refused} or not tab.saved[1:]
    assert not watch(watching, application)
    with app.app_context():
        assert db.session.get(Section, section.id).organisation_id is None
    assert Tab(connect(ana, namespace="/doc"), section.document_id).text == "Words that stay"
    page = sign_in(ana).get(f"/applications/{application.id}/partners").text
    assert "Left" in page


def test_the_lead_organisation_cannot_leave_or_be_removed(app, two, sign_in):
    application, ana, *_ = two
    place = partner_of(app, application, ana.membership.organisation)
    assert sign_in(ana).post(f"/applications/{application.id}/partners/{place.id}/end").status_code == 403


def test_a_new_partner_appears_for_those_who_watch(app, two, sign_in, connect):
    application, ana, ben, north, *_ = two
    watching = connect(ana)
    assert watch(watching, application)
    invite(sign_in(ana), application, north)
    [fragment] = fragments(watching)
    assert "Ben Centre" in fragment
    assert "Invited" in fragment
    asked = partner_of(app, application, north)
    sign_in(ben).post(f"/applications/invitations/{asked.id}/acceptance")
    assert any("Taking part" in fragment for fragment in fragments(watching))
