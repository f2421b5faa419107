"""A link that brings one person in, once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import jobs
from portal.accounts import invitations
from portal.accounts.actions import accept_invitation, invite, void_invitations
from portal.accounts.gone import InvitationGoneError
from portal.accounts.invitations import InvitationKind
from portal.accounts.models import Invitation, User
from portal.audit import AuditEvent
from portal.clock import utcnow
from portal.extensions import db
from portal.transaction import commit
from tests.builders.accounts import PASSWORD

ANSWERS = {"name": "Gloria Núñez", "password": PASSWORD}


@pytest.fixture
def tea():
    """A kind of invitation: to tea, while the inviter still has the right to invite."""
    host = {"may_invite": True, "guests": []}

    def accept(invitation, user):
        host["guests"].append(user.name)
        return "/account"

    kind = InvitationKind(
        describe=lambda invitation: "come to tea", accept=accept, is_valid=lambda invitation: host["may_invite"]
    )
    invitations.kinds.fill("tea", kind)
    return host


def test_a_stranger_reads_who_invites_them_to_what_and_makes_an_account(client, make, tea):
    ana = make.leader("Ana")
    _, path = make.invitation("tea", by=ana, email="Gloria@Example.org", name="Gloria")

    page = client.get(path)
    answer = client.post(path, data=ANSWERS)

    assert "Ana invites you to come to tea." in page.text
    assert ana.membership.organisation.name in page.text
    assert 'value="Gloria"' in page.text
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Gloria Núñez" in client.get("/account").text
    assert tea["guests"] == ["Gloria Núñez"]


def test_the_new_person_can_sign_in_with_the_address_that_was_invited(app, client, make, tea):
    _, path = make.invitation("tea", by=make.person("Ana"), email="Gloria@Example.org")
    client.post(path, data=ANSWERS)

    answer = app.test_client().post("/sign-in", data={"email": "gloria@example.org", "password": PASSWORD})

    assert answer.status_code == 303


def test_somebody_who_is_signed_in_says_yes_with_their_account(app, make, sign_in, tea):
    ben = make.person("Ben")
    _, path = make.invitation("tea", by=make.person("Ana"), email="other@example.org")
    browser = sign_in(ben)

    assert "Ben" in browser.get(path).text
    assert browser.post(path).status_code == 303

    assert tea["guests"] == ["Ben"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2
        assert db.session.scalars(sa.select(Invitation)).one().accepted_by_id == ben.id


def test_somebody_who_has_an_account_is_asked_to_sign_in_first(client, make, tea):
    ben = make.person("Ben")
    _, path = make.invitation("tea", by=make.person("Ana"), email=ben.email.upper())

    page, answer = client.get(path), client.post(path, data=ANSWERS)

    assert f"/sign-in?next={path}" in page.text
    assert 'name="password"' not in page.text
    assert answer.status_code == 422
    assert tea["guests"] == []


def test_an_invitation_works_once(app, client, make, tea):
    _, path = make.invitation("tea", by=make.person("Ana"))
    client.post(path, data=ANSWERS)

    again = app.test_client().post(path, data=ANSWERS | {"name": "Eve"})

    assert again.status_code == 404
    assert "does not work any more" in again.text
    assert tea["guests"] == ["Gloria Núñez"]


@pytest.mark.parametrize("reason", ["made up", "run out", "taken back", "inviter lost the right", "inviter suspended"])
def test_a_link_that_does_not_work_says_so_and_not_why(app, client, make, tea, reason):
    ana = make.person("Ana")
    _, path = make.invitation("tea", by=ana)
    assert client.get(path).status_code == 200
    if reason == "made up":
        path = "/invitations/made-up"
    if reason == "inviter lost the right":
        tea["may_invite"] = False
    with app.app_context():
        if reason == "run out":
            db.session.execute(sa.update(Invitation).values(expires_at=utcnow() - timedelta(seconds=1)))
        if reason == "taken back":
            void_invitations(kind="tea", subject_id=None, by=None)
        if reason == "inviter suspended":
            db.session.get_one(User, ana.id).suspended_at = utcnow()
        commit()

    for answer in (client.get(path), client.post(path, data=ANSWERS)):
        assert answer.status_code == 404
        assert "does not work any more" in answer.text
    assert tea["guests"] == []


def test_of_two_who_press_at_once_one_comes_in(app, make, tea):
    _, path = make.invitation("tea", by=make.person("Ana"))
    together, statuses = threading.Barrier(2), []

    def press(name):
        browser = app.test_client()
        browser.get(path)
        together.wait(timeout=10)
        statuses.append(browser.post(path, data=ANSWERS | {"name": name}).status_code)

    both = [threading.Thread(target=press, args=(name,)) for name in ("Gloria", "Gloria again")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(timeout=30)

    assert sorted(statuses) == [303, 404]
    assert len(tea["guests"]) == 1
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def test_two_signed_in_people_at_once_only_one_gets_the_place(app, make, sign_in, tea):
    _, path = make.invitation("tea", by=make.person("Ana"))
    browsers, together, statuses = [sign_in(make.person(name)) for name in ("Ben", "Eve")], threading.Barrier(2), []

    def press(browser):
        token = browser.token()
        together.wait(timeout=10)
        statuses.append(browser.post(path, headers={"X-CSRFToken": token}).status_code)

    both = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(timeout=30)

    assert sorted(statuses) == [303, 404]
    assert len(tea["guests"]) == 1


@pytest.mark.parametrize("change", [{"accepted_at": utcnow()}, {"voided_at": utcnow()}, {"expires_at": utcnow()}])
def test_what_happened_to_it_since_it_was_read_is_seen_when_it_is_used(app, make, tea, change):
    """SQLite lets one write at a time; on PostgreSQL another may have come between."""
    invitation, _ = make.invitation("tea", by=make.person("Ana"))
    ben = make.person("Ben")
    with app.app_context():
        db.session.execute(sa.update(Invitation).values(**change))
        with pytest.raises(InvitationGoneError):
            accept_invitation(invitation, user=ben)
    assert tea["guests"] == []


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short", "Use 12 characters or more."),
        ("x" * 257, "Use 256 characters or fewer."),
        ("password1234", "easy to guess"),
        ("aaaaaaaaaaaaaaa", "easy to guess"),
        ("Gloria Núñez 1234", "easy to guess"),
        ("guest@example.org", "easy to guess"),
        ("", "Choose a password."),
    ],
)
def test_a_password_that_is_too_easy_is_refused_and_the_name_is_kept(client, make, tea, password, message):
    _, path = make.invitation("tea", by=make.person("Ana"))

    answer = client.post(path, data=ANSWERS | {"password": password})

    assert answer.status_code == 422
    assert message in answer.text
    assert "Gloria Núñez" in answer.text
    assert tea["guests"] == []


@pytest.mark.parametrize("password", ["x1y2z3 " * 28, "كلمة سر طويلة جدا", "twelve chars"])
def test_any_other_password_of_twelve_to_two_hundred_characters_is_taken(client, make, tea, password):
    _, path = make.invitation("tea", by=make.person("Ana"))
    assert client.post(path, data=ANSWERS | {"password": password}).status_code == 303


def test_the_mail_names_the_inviter_and_carries_the_link_and_the_row_does_not(app, make, tea):
    invitation, path = make.invitation("tea", by=make.person("Ana"), name="Gloria")
    with app.app_context():
        jobs.run_due_jobs()

    [message] = app.extensions["mail_transport"].messages

    assert message["Subject"] == "Ana invites you to come to tea"
    assert f"http://localhost:8450{path}\n" in message.get_content()
    assert invitation.fresh_token not in invitation.token_hash


def test_a_second_invitation_to_the_same_thing_makes_the_first_void(client, make, tea):
    ana = make.person("Ana")
    (_, first), (_, second) = make.invitation("tea", by=ana), make.invitation("tea", by=ana)
    _, other = make.invitation("tea", by=ana, email="ben@example.org")

    assert [client.get(path).status_code for path in (first, second, other)] == [404, 200, 200]


def test_inviting_accepting_and_taking_back_leave_a_trace(app, client, make, tea):
    ana = make.person("Ana")
    _, path = make.invitation("tea", by=ana)
    client.post(path, data=ANSWERS)
    with app.app_context():
        verbs = list(db.session.scalars(sa.select(AuditEvent.verb).order_by(AuditEvent.id)))
    assert verbs == ["invitation_sent", "account_created", "invitation_accepted", "signed_in"]


def test_an_unknown_kind_cannot_be_invited_to(app):
    with app.app_context(), pytest.raises(LookupError):
        invite(kind="dinner", email="guest@example.org", by=None)
