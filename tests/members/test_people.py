"""Bringing people into an organisation, and ending their part in it."""

from __future__ import annotations

import re

import sqlalchemy as sa

from portal import jobs
from portal.accounts.models import User
from portal.audit import AuditEvent
from portal.extensions import db
from portal.members import signals
from portal.members.models import Membership, OfficerTerm

CARA = {"name": "Cara Díaz", "email": "cara@example.org", "role": "colleague"}


def invitation_link(app):
    """The link of the newest invitation that was sent."""
    with app.app_context():
        jobs.run_due_jobs()
    message = app.extensions["mail_transport"].messages[-1]
    return re.search(r"(/invitations/\S+)", message.get_content())[1]


def roles(app, email):
    with app.app_context():
        query = sa.select(Membership).join(Membership.user).where(User.email == email).order_by(Membership.id)
        return [held.role for held in db.session.scalars(query) if held.is_current]


def test_a_leader_invites_a_colleague_who_comes_in_by_the_link(app, make, sign_in):
    ana = make.leader("Ana", make.organisation("Northtown"))
    assert sign_in(ana).post("/members/northtown/invitations", data=CARA).location == "/members/northtown"
    page = sign_in(ana).get("/members/northtown").text
    assert "cara@example.org" in page
    assert "open until" in page

    cara = make.associate("Cara Díaz", email="cara@example.org")
    answer = sign_in(cara).post(invitation_link(app))
    assert answer.location.endswith("/members/northtown")
    assert roles(app, "cara@example.org") == ["colleague"]
    page = sign_in(ana).get("/members/northtown").text
    assert "Invited" not in page
    assert "Cara Díaz" in page


def test_who_does_not_lead_the_organisation_invites_nobody_into_it(make, sign_in, client):
    home = make.organisation("Northtown")
    make.leader("Ana", home)
    for person in (make.colleague("Dee", home), make.leader("Ben"), make.associate("Eve")):
        browser = sign_in(person)
        assert browser.post("/members/northtown/invitations", data=CARA).status_code == 403
        assert "Send the invitation" not in browser.get("/members/northtown").text
    assert client.post("/members/northtown/invitations", data=CARA).location.startswith("/sign-in")


def test_an_officer_invites_a_leader_and_nothing_else(app, make, sign_in):
    make.organisation("Northtown")
    browser = sign_in(make.officer("Olu"))
    assert "Invite its leader" in browser.get("/members/northtown").text
    assert browser.post("/members/northtown/invitations", data=CARA).status_code == 422
    assert browser.post("/members/northtown/invitations", data={**CARA, "role": "leader"}).status_code == 303
    cara = make.associate("Cara", email="cara@example.org")
    sign_in(cara).post(invitation_link(app))
    assert roles(app, "cara@example.org") == ["leader"]


def test_a_colleague_who_is_invited_to_lead_has_one_role_afterwards(app, make, sign_in):
    home = make.organisation("Northtown")
    make.colleague("Cara", home, email="cara@example.org")
    with app.app_context():
        cara = db.session.scalar(sa.select(User).where(User.email == "cara@example.org"))
    browser = sign_in(make.officer("Olu"))
    answer = browser.post("/members/northtown/invitations", data={**CARA, "role": "leader"})
    assert answer.status_code == 303, "somebody who is here already may still be asked to lead"
    sign_in(cara).post(invitation_link(app))
    assert roles(app, "cara@example.org") == ["leader"]


def test_somebody_who_is_here_already_is_not_invited_again(make, sign_in):
    home = make.organisation("Northtown")
    make.colleague("Cara", home, email="Cara@Example.org")
    answer = sign_in(make.leader("Ana", home)).post("/members/northtown/invitations", data=CARA)
    assert answer.status_code == 422
    assert "already belongs to Northtown" in answer.text
    assert 'value="Cara Díaz"' in answer.text


def test_an_invitation_sent_again_has_a_new_link_and_the_old_one_is_dead(app, make, sign_in):
    ana = make.leader("Ana", make.organisation("Northtown"))
    browser = sign_in(ana)
    browser.post("/members/northtown/invitations", data=CARA)
    old = invitation_link(app)
    [path] = re.findall(r'action="(/members/northtown/invitations/\d+/resend)"', browser.get("/members/northtown").text)
    assert browser.post(path).status_code == 303
    new = invitation_link(app)
    assert new != old
    cara = make.associate("Cara", email="cara@example.org")
    sign_in(cara).post(old)
    assert roles(app, "cara@example.org") == []
    sign_in(cara).post(new)
    assert roles(app, "cara@example.org") == ["colleague"]


def test_an_invitation_taken_back_lets_nobody_in(app, make, sign_in):
    browser = sign_in(make.leader("Ana", make.organisation("Northtown")))
    browser.post("/members/northtown/invitations", data=CARA)
    link = invitation_link(app)
    [path] = re.findall(r'action="(/members/northtown/invitations/\d+/void)"', browser.get("/members/northtown").text)

    ben = make.leader("Ben", make.organisation("Southtown"))
    assert sign_in(ben).post(path).status_code == 403
    assert sign_in(ben).post(path.replace("northtown", "southtown")).status_code == 404
    assert browser.post(path).status_code == 303

    sign_in(make.associate("Cara", email="cara@example.org")).post(link)
    assert roles(app, "cara@example.org") == []


def test_an_invitation_is_void_when_its_sender_no_longer_leads(app, make, sign_in):
    home = make.organisation("Northtown")
    ana, dele = make.leader("Ana", home), make.deputy("Dele", home)
    sign_in(dele).post("/members/northtown/invitations", data=CARA)
    link = invitation_link(app)
    sign_in(ana).post(f"/members/people/{dele.membership.id}/end")
    sign_in(make.associate("Cara", email="cara@example.org")).post(link)
    assert roles(app, "cara@example.org") == []


def test_a_leader_ends_a_membership_and_what_it_gave_is_gone_at_once(app, make, sign_in):
    home = make.organisation("Northtown")
    ana, cara = make.leader("Ana", home), make.colleague("Cara", home)
    hers = sign_in(cara)
    assert "Ana" in hers.get("/members/northtown").text
    told = []
    with signals.membership_ended.connected_to(lambda sender, **extra: told.append((sender.user_id, extra))):
        path = f"/members/people/{cara.membership.id}/end"
        assert "End the membership of Cara?" in sign_in(ana).get(path).text
        assert sign_in(ana).post(path).location == "/members/northtown"
        assert sign_in(ana).post(path).status_code == 403, "it has ended"
    assert told == [(cara.id, {"replaced_by": None})]
    assert "Seen by members only" not in hers.get("/members/northtown").text
    with app.app_context():
        row = db.session.scalar(sa.select(AuditEvent).where(AuditEvent.verb == "membership_ended"))
        assert (row.actor_id, row.details["user_id"]) == (ana.id, cara.id)


def test_who_may_not_end_a_membership_finds_no_way_to(make, sign_in):
    home = make.organisation("Northtown")
    ana, cara, dele = make.leader("Ana", home), make.colleague("Cara", home), make.deputy("Dele", home)
    path = f"/members/people/{cara.membership.id}/end"
    for person, status in (
        (make.leader("Ben"), 403),
        (make.officer("Olu"), 403),
        (cara, 403),
        (make.associate("Eve"), 404),
    ):
        assert sign_in(person).get(path).status_code == status
        assert sign_in(person).post(path).status_code == status
    assert sign_in(dele).post(f"/members/people/{ana.membership.id}/end").status_code == 403
    assert sign_in(dele).post(path).status_code == 303


def test_the_last_leader_cannot_leave_the_organisation_without_one(app, make, sign_in):
    home = make.organisation("Northtown")
    ana = make.leader("Ana", home, email="ana@example.org")
    path = f"/members/people/{ana.membership.id}/end"
    answer = sign_in(ana).post(path)
    assert answer.status_code == 422
    assert "needs a leader" in answer.text
    assert roles(app, "ana@example.org") == ["leader"]

    make.leader("Bea", home)
    assert sign_in(ana).post(path).status_code == 303
    assert roles(app, "ana@example.org") == []


def test_the_first_officer_is_invited_from_the_command_line(app, make, sign_in, client):
    run = app.test_cli_runner().invoke
    run(args=["facts", "load"], catch_exceptions=False)
    output = run(args=["officers", "invite", "Tracy Levett-Jones", "tracy@example.org"], catch_exceptions=False).output
    link = re.search(r"http://localhost:8450(/invitations/\S+)", output)[1]

    tracy = make.associate("Tracy", email="tracy@example.org")
    assert sign_in(tracy).get("/members/enquiries").status_code == 404
    sign_in(tracy).post(link)
    assert sign_in(tracy).get("/members/enquiries").status_code == 200
    with app.app_context():
        [term] = db.session.scalars(sa.select(OfficerTerm).where(OfficerTerm.user_id == tracy.id))
        assert (term.person_name, term.title) == ("Tracy Levett-Jones", "Deputy secretary")
    assert client.get("/officers").text.count("Levett-Jones") == 1


def test_the_command_line_refuses_what_is_no_address(app):
    result = app.test_cli_runner().invoke(args=["officers", "invite", "Olu", "nobody"])
    assert result.exit_code == 1
    assert "'nobody' is not a mail address" in result.output


def test_ending_a_membership_closes_that_persons_sockets_and_nobody_elses(make, sign_in, connect):
    home = make.organisation("Northtown")
    ana, ben, cara = make.leader("Ana", home), make.colleague("Ben", home), make.colleague("Cara", home)
    thread = make.thread()
    hers, his = connect(cara), connect(ben)
    for socket in (hers, his):
        assert socket.emit("subscribe", {"stream": f"thread:{thread.id}"}, callback=True)["ok"]

    sign_in(ana).post(f"/members/people/{cara.membership.id}/end")

    assert not hers.is_connected()
    assert his.is_connected()
    again = connect(cara).emit("subscribe", {"stream": f"thread:{thread.id}"}, callback=True)
    assert again["ok"] is False


def test_somebody_without_an_account_gets_one_and_the_role_by_the_link(app, make, sign_in, client):
    ana = make.leader("Ana", make.organisation("Northtown"))
    sign_in(ana).post("/members/northtown/invitations", data=CARA)
    link = invitation_link(app)
    assert "join Northtown as a colleague" in client.get(link).text

    answer = client.post(link, data={"name": "Cara Díaz", "password": "quiet chairs by the window"})
    assert answer.location.endswith("/members/northtown"), answer.text
    assert roles(app, "cara@example.org") == ["colleague"]
    assert "Seen by members only" in client.get("/members/northtown").text, "and is signed in"
