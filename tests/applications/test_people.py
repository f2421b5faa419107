"""People on a team: invited by mail, let in, given roles, removed, and what a lost membership does."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Participant
from portal.clock import utcnow
from portal.extensions import db
from portal.members import actions as members
from portal.members.models import Membership
from portal.transaction import commit
from tests.applications.test_partners import mails, participant_of, waiting_titles
from tests.applications.test_sections import section_of, watch
from tests.collab.tabs import Tab

GUEST = {"name": "Olú Adébáyọ̀", "email": "olu@example.org", "role": "writer"}


def send_link(app, browser, application, **changes):
    answer = browser.post(f"/applications/{application.id}/people/invitations", data={**GUEST, **changes})
    assert answer.status_code == 303, answer.text
    [text] = [mail.get_content() for mail in mails(app) if changes.get("email", GUEST["email"]) in mail["To"]]
    return re.search(r"(/invitations/\S+)", text)[1]


@pytest.fixture
def led(make):
    ana = make.leader("Ana")
    return make.application(ana, "Empathy for all"), ana


def test_somebody_invited_by_mail_sees_nothing_until_the_inviter_lets_them_in(app, led, make, sign_in, connect):
    application, ana = led
    link = send_link(app, sign_in(ana), application)
    olu = make.associate("Olú Adébáyọ̀", email="olu@example.org")
    guest = sign_in(olu)
    assert guest.post(link).location.endswith("/applications")
    for page in ("/", "/applications"):
        assert "You accepted an invitation to “Empathy for all”" in guest.get(page).text
    assert guest.get(f"/applications/{application.id}").status_code == 404
    section = section_of(app, application)
    assert not Tab(connect(olu, namespace="/doc"), section.document_id).answer["ok"]

    assert "olu@example.org" in mails(app)[-1].get_content()
    assert len(waiting_titles(app, ana)) == 1
    page = sign_in(ana).get(f"/applications/{application.id}/partners").text
    assert "olu@example.org" in page
    place = participant_of(app, application, olu)
    assert sign_in(ana).post(f"/applications/{application.id}/people/{place.id}/confirmation").status_code == 303
    assert waiting_titles(app, ana) == []
    assert "Vision" in guest.get(f"/applications/{application.id}", follow_redirects=True).text
    assert Tab(connect(olu, namespace="/doc"), section.document_id).answer["role"] == "write"
    assert guest.get("/applications/new").status_code == 403


def test_whoever_is_not_meant_is_not_let_in(app, led, make, sign_in):
    application, ana = led
    link = send_link(app, sign_in(ana), application)
    olu = make.associate("Somebody Else", email="else@example.org")
    sign_in(olu).post(link)
    place = participant_of(app, application, olu)
    assert sign_in(ana).post(f"/applications/{application.id}/people/{place.id}/removal").status_code == 303
    assert sign_in(olu).get(f"/applications/{application.id}").status_code == 404
    assert "You accepted an invitation" not in sign_in(olu).get("/applications").text


def test_a_link_works_once_and_not_after_the_inviter_lost_the_right(app, led, make, sign_in):
    application, ana = led
    ben = make.leader("Ben")
    second = make.participant(application, ben, "lead")
    link = send_link(app, sign_in(ben), application)
    assert sign_in(ana).post(f"/applications/{application.id}/people/{second.id}/removal").status_code == 303
    olu = make.associate("Olú", email="olu@example.org")
    assert sign_in(olu).post(link).status_code in (404, 410)
    assert participant_of(app, application, olu) is None

    link = send_link(app, sign_in(ana), application, email="kit@example.org")
    assert sign_in(make.associate("Kit", email="kit@example.org")).post(link).status_code == 303
    assert sign_in(make.associate("Lee")).post(link).status_code in (404, 410)


def test_the_lead_takes_a_link_back(app, led, make, sign_in):
    application, ana = led
    link = send_link(app, sign_in(ana), application)
    page = sign_in(ana).get(f"/applications/{application.id}/partners").text
    address = re.search(r'action="(/applications/\d+/people/invitations/\d+/withdrawal)"', page)[1]
    assert sign_in(make.leader("Eve")).post(address).status_code == 404
    assert sign_in(ana).post(address).status_code == 303
    assert sign_in(make.associate("Olú", email="olu@example.org")).post(link).status_code in (404, 410)


def test_a_partners_leader_takes_back_their_own_link_and_not_the_leads(app, led, make, sign_in):
    application, ana = led
    ben = make.leader("Ben")
    make.participant(application, ben)
    send_link(app, sign_in(ana), application)
    send_link(app, sign_in(ben), application, email="kit@example.org")
    page = sign_in(ana).get(f"/applications/{application.id}/partners").text
    [of_ana, of_ben] = re.findall(r'action="(/applications/\d+/people/invitations/\d+/withdrawal)"', page)

    assert of_ana not in sign_in(ben).get(f"/applications/{application.id}/partners").text
    assert sign_in(ben).post(of_ana).status_code == 403
    assert sign_in(ben).post(of_ben).status_code == 303


def test_an_invitation_with_mistakes_comes_back(led, sign_in):
    application, ana = led
    for change, message in (
        ({"email": "nonsense"}, "Enter a mail address in the form"),
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 201}, "at most 200"),
        ({"role": "officer"}, "Not a valid choice"),
    ):
        answer = sign_in(ana).post(f"/applications/{application.id}/people/invitations", data={**GUEST, **change})
        assert answer.status_code == 422
        assert message in answer.text


def test_the_lead_adds_a_colleague_from_its_people(app, led, make, sign_in):
    application, ana = led
    wim = make.colleague("Wim", ana.membership.organisation)
    eve = make.colleague("Eve")
    add = f"/applications/{application.id}/people"
    assert sign_in(ana).post(add, data={"user": wim.id, "role": "reader"}).status_code == 303
    assert "added you to the team" in mails(app)[-1].get_content()
    assert sign_in(wim).get(f"/applications/{application.id}", follow_redirects=True).status_code == 200
    assert sign_in(ana).post(add, data={"user": eve.id, "role": "writer"}).status_code >= 400
    assert participant_of(app, application, eve) is None
    assert sign_in(wim).post(add, data={"user": eve.id, "role": "writer"}).status_code == 403


def test_roles_are_changed_by_the_lead_and_by_a_partners_leader_for_its_own(app, led, make, sign_in):
    application, ana = led
    ben = make.leader("Ben")
    cal = make.colleague("Cal", ben.membership.organisation)
    wim = make.colleague("Wim", ana.membership.organisation)
    places = {each: make.participant(application, each, "writer") for each in (ben, cal, wim)}

    def change(by, whom, role):
        return sign_in(by).post(f"/applications/{application.id}/people/{places[whom].id}/role", data={"role": role})

    assert change(ben, cal, "reader").status_code == 303
    assert participant_of(app, application, cal).role == "reader"
    assert change(ben, cal, "lead").status_code == 422
    assert change(ben, wim, "reader").status_code == 403
    assert change(cal, wim, "reader").status_code == 403
    assert change(ana, wim, "reader").status_code == 303
    assert change(ana, ben, "lead").status_code == 303
    assert participant_of(app, application, ben).role == "lead"
    assert change(ana, wim, "nonsense").status_code == 422


def test_the_last_lead_stays_until_another_was_named(app, led, make, sign_in):
    application, ana = led
    mine = participant_of(app, application, ana)
    browser = sign_in(ana)
    leave = f"/applications/{application.id}/people/{mine.id}/removal"
    assert "Make somebody else lead first" in browser.get(leave).text
    assert browser.post(leave).status_code == 422
    role = f"/applications/{application.id}/people/{mine.id}/role"
    assert browser.post(role, data={"role": "writer"}).status_code == 422
    ben = make.participant(application, make.leader("Ben"), "writer")
    browser.post(f"/applications/{application.id}/people/{ben.id}/role", data={"role": "lead"})
    assert browser.post(leave).status_code == 303
    assert browser.get(f"/applications/{application.id}").status_code == 404


def test_somebody_removed_while_typing_is_refused_at_once(app, led, make, sign_in, connect):
    application, ana = led
    wim = make.colleague("Wim", ana.membership.organisation)
    place = make.participant(application, wim, "writer")
    section = section_of(app, application)
    tab = Tab(connect(wim, namespace="/doc"), section.document_id)
    tab.write("Before")
    tab.hear()
    watching = connect(wim)
    assert watch(watching, application)

    assert sign_in(ana).post(f"/applications/{application.id}/people/{place.id}/removal").status_code == 303
    tab.write(" after")
    tab.hear()
    assert [answer["n"] for answer in tab.saved] == [1]
    assert any(message["name"] == "recheck" for message in watching.get_received())
    assert not watch(watching, application)
    assert Tab(connect(ana, namespace="/doc"), section.document_id).text == "Before"


def test_who_loses_the_membership_loses_the_team_and_a_successor_leads(app, led, make, sign_in):
    application, ana = led
    home = ana.membership.organisation
    make.participant(application, make.colleague("Wim", home), "writer")
    dee = make.deputy("Dee", home)
    make.participant(application, dee, "reader")
    lea = make.leader("Lea", home)
    with app.app_context():
        membership = db.session.scalars(sa.select(Membership).where(Membership.user_id == ana.id)).one()
        members.end_membership(membership, by=db.session.get(User, lea.id))
        commit()
    assert sign_in(ana).get(f"/applications/{application.id}").status_code == 404
    with app.app_context():
        roles = {
            row.user.name: row.role
            for row in db.session.scalars(sa.select(Participant).where(Participant.removed_at.is_(None)))
        }
    assert roles == {"Wim": "lead", "Dee": "reader"}
    assert any("the portal made you lead" in mail.get_content() for mail in mails(app))


def test_a_role_that_only_changes_in_the_organisation_keeps_the_place(app, led, make, sign_in):
    application, ana = led
    with app.app_context():
        person = db.session.get(User, ana.id)
        members.start_membership(person.membership.organisation, person, role="deputy", by=person)
        commit()
    assert sign_in(ana).get(f"/applications/{application.id}", follow_redirects=True).status_code == 200


def test_a_membership_whose_date_ran_out_opens_nothing(app, led, make, sign_in):
    application, ana = led
    wim = make.colleague("Wim", ana.membership.organisation)
    make.participant(application, wim, "writer")
    with app.app_context():
        held = db.session.scalars(sa.select(Membership).where(Membership.user_id == wim.id)).one()
        held.ends_on = utcnow().date()
        commit()
    assert sign_in(wim).get(f"/applications/{application.id}").status_code == 404
