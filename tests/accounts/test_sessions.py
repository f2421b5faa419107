"""A session is a row: the cookie opens it, and what happens to the row happens at the next request."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from portal.accounts.jobs import forget_ended
from portal.accounts.models import AuthSession
from portal.clock import utcnow
from portal.extensions import db


def test_every_address_that_is_not_public_sends_a_stranger_to_sign_in(client):
    for path in ("/account", "/account/sessions", "/no/such/page", "/applications/99?tab=2"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=%2F"), path


def test_a_signed_in_person_finds_out_that_nothing_is_there(make, sign_in):
    assert sign_in(make.person("Ana")).get("/no/such/page").status_code == 404


def test_programs_are_told_in_json(client):
    answer = client.get("/no/such/page", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "signed_out"


def test_the_person_their_roles_and_the_session_come_in_one_statement(app, make, sign_in, statements):
    ana = make.leader("Ana")
    browser = sign_in(ana)

    with statements() as seen:
        assert browser.get("/no/such/page").status_code == 404

    assert [line for line in seen if line.startswith("SELECT")] == seen
    assert len(seen) == 1


def test_a_revoked_or_expired_session_is_signed_out(app, make, sign_in):
    browser = sign_in(make.person("Ana"))
    ended, expired = {"revoked_at": AuthSession.created_at}, {"revoked_at": None, "expires_at": AuthSession.created_at}
    for change in (ended, expired):
        with app.app_context():
            db.session.execute(sa.update(AuthSession).values(**change))
            db.session.commit()
        assert browser.get("/no/such/page").status_code == 303


def test_an_account_page_asks_the_database_once(make, sign_in, statements):
    browser = sign_in(make.leader("Ana"))
    with statements() as seen:
        assert browser.get("/account").status_code == 200
    assert len(seen) == 1


def test_a_public_page_asks_nothing_of_a_stranger(client, statements):
    with statements() as seen:
        assert client.get("/sign-in").status_code == 200
    assert seen == []


def test_the_page_tells_the_script_who_reads_it(make, sign_in):
    ana = make.person("Ana")
    shared, own = sign_in(ana), sign_in(ana, own_device=True)
    for browser, flag in ((shared, "false"), (own, "true")):
        page = browser.get("/account").text
        assert f'<meta name="person" content="{ana.id}">' in page
        assert f'<meta name="own-device" content="{flag}">' in page


def test_a_page_drawn_for_one_person_is_kept_by_no_cache_between(make, sign_in):
    answer = sign_in(make.person("Ana")).get("/no/such/page")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]


def test_ended_sessions_are_forgotten_after_ninety_days(app, make, sign_in):
    ana = make.person("Ana")
    *_ended, living = (sign_in(ana) for _ in range(4))
    assert living.get("/account").status_code == 200
    with app.app_context():
        ids = list(
            db.session.scalars(sa.select(AuthSession.id).where(AuthSession.user_id == ana.id).order_by(AuthSession.id))
        )
        ends = (
            {"revoked_at": timedelta(days=91)},
            {"revoked_at": timedelta(days=89)},
            {"expires_at": timedelta(days=91)},
        )
        for session_id, [(column, ago)] in zip(ids, map(dict.items, ends), strict=False):
            ended = sa.update(AuthSession).where(AuthSession.id == session_id).values({column: utcnow() - ago})
            db.session.execute(ended)
        db.session.commit()
        forget_ended()
        assert list(db.session.scalars(sa.select(AuthSession.id).where(AuthSession.user_id == ana.id))) == [
            ids[1],
            ids[3],
        ]
    assert living.get("/account").status_code == 200
