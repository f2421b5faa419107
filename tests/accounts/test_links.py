"""A link by mail: asked for by anybody, sent to those who have an account, used once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import jobs
from portal.accounts.actions import use_link
from portal.accounts.gone import LinkGoneError
from portal.accounts.models import SignInLink
from portal.clock import utcnow
from portal.extensions import db


@pytest.fixture
def mails(app):
    """Run what is due and return the mails that were sent so far."""

    def deliver():
        with app.app_context():
            jobs.run_due_jobs()
        return app.extensions["mail_transport"].messages

    return deliver


def ask(client, email, **fields):
    return client.post("/sign-in/link", data={"email": email, **fields})


def link_in(message):
    return re.search(r"http://localhost:8450(/sign-in/link/\S+)", message.get_content()).group(1)


def test_a_person_comes_in_by_a_link_and_is_offered_a_new_password(client, make, mails):
    ana = make.person("Ana")
    ask(client, ana.email.upper(), next="/account/sessions")
    [message] = mails()
    assert message["To"].addresses[0].addr_spec == ana.email

    page = client.get(link_in(message))
    answer = client.post(link_in(message), data={"next": "/account/sessions"})

    assert "Ana" in page.text
    assert (answer.status_code, answer.location) == (303, "/account/sessions")
    assert 'href="/account/password"' in client.get("/account/sessions").text
    assert client.get("/account/password").status_code == 200, "the link counts as showing who one is"


def test_known_unknown_and_suspended_addresses_get_one_answer_and_one_of_them_a_mail(client, make, mails, statements):
    ana, eve = make.person("Ana"), make.person("Eve", suspended_at=utcnow())
    answers, sent = set(), []
    for email in (ana.email, eve.email, "nobody@example.org"):
        with statements() as seen:
            answer = ask(client, email)
        answers.add((answer.status_code, answer.location, len(seen)))

    sent = mails()

    assert len(answers) == 1
    assert [message["To"].addresses[0].addr_spec for message in sent] == [ana.email]


def test_looking_at_the_link_does_not_use_it_up_and_pressing_twice_does(app, client, make, mails):
    ana = make.person("Ana")
    ask(client, ana.email)
    path = link_in(mails()[0])
    assert client.get(path).status_code == client.get(path).status_code == 200

    assert app.test_client().post(path).status_code == 303
    again = app.test_client().post(path)

    assert again.status_code == 404
    assert "does not work any more" in again.text
    assert client.get(path).status_code == 404


def test_a_link_of_sixteen_minutes_ago_and_a_made_up_one_are_told_the_same(app, client, make, mails):
    ask(client, make.person("Ana").email)
    path = link_in(mails()[0])
    with app.app_context():
        db.session.execute(sa.update(SignInLink).values(expires_at=utcnow() - timedelta(minutes=1)))
        db.session.commit()

    old, made_up = client.get(path), client.get("/sign-in/link/made-up")

    assert old.status_code == made_up.status_code == 404
    assert old.text == made_up.text
    assert client.post(path).status_code == 404


@pytest.mark.parametrize("change", [{"used_at": utcnow()}, {"expires_at": utcnow()}])
def test_what_happened_to_it_since_it_was_read_is_seen_when_it_is_used(app, client, make, mails, change):
    """SQLite lets one write at a time; on PostgreSQL another may have come between."""
    ask(client, make.person("Ana").email)
    assert mails()
    with app.app_context():
        link = db.session.scalars(sa.select(SignInLink)).one()
        db.session.execute(sa.update(SignInLink).values(**change))
        with pytest.raises(LinkGoneError):
            use_link(link)


def test_only_the_hash_of_a_link_is_kept(app, client, make, mails):
    ask(client, make.person("Ana").email)
    token = link_in(mails()[0]).rpartition("/")[2]
    with app.app_context():
        link = db.session.scalars(sa.select(SignInLink)).one()
        assert token not in link.token_hash
        assert link.expires_at - link.created_at == timedelta(minutes=15)


def test_a_link_goes_to_the_portals_own_name_and_carries_no_foreign_address(client, make, mails):
    ask(client, make.person("Ana").email, next="//evil.example")
    assert "evil" not in mails()[0].get_content()


def test_the_sixth_link_within_an_hour_waits_known_or_not(app, client, make):
    for email in (make.person("Ana").email, "nobody@example.org"):
        app.extensions["redis"].flushall()
        assert [ask(client, email).status_code for _ in range(6)] == [303] * 5 + [429]


def test_an_empty_address_is_asked_for_again(client):
    answer = ask(client, " ")
    assert answer.status_code == 422
    assert "Enter your mail address." in answer.text
