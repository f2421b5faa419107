"""In by password: the right one, the wrong one, nobody's, and what the browser then carries."""

from __future__ import annotations

import time
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from portal import create_app
from portal.accounts import passwords
from portal.accounts.models import AuthSession, User
from portal.audit import AuditEvent
from portal.clock import utcnow
from portal.extensions import db
from tests.browsing import ORIGIN
from tests.builders.accounts import PASSWORD


def sign_in_as(client, email, password=PASSWORD, **fields):
    return client.post("/sign-in", data={"email": email, "password": password, **fields})


def test_a_person_signs_in_and_comes_to_the_page_that_they_wanted(client, make):
    ana = make.person("Ana", password=PASSWORD)
    away = client.get("/account/sessions")

    page = client.get(away.location)
    answer = sign_in_as(client, ana.email.upper(), next="/account/sessions")

    assert 'value="/account/sessions"' in page.text
    assert (answer.status_code, answer.location) == (303, "/account/sessions")
    assert client.get("/account/sessions").status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client, make):
    ana = make.person("Ana", password=PASSWORD, email="ana@example.org")
    no_password = make.person("Ben", email="ben@example.org")

    pages = {}
    for email in (ana.email, no_password.email, "eve@example.org"):
        answer = sign_in_as(client, email, "a wrong one for sure")
        assert answer.status_code == 422
        assert client.get("/account").status_code == 303
        pages[email] = answer.text.replace(email, "MAIL")

    assert "do not go together" in pages[ana.email]
    assert len({without_tokens(page) for page in pages.values()}) == 1


def without_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf" not in line)


def test_an_unknown_address_takes_as_long_as_a_known_one(app, client, make):
    ana = make.person("Ana", password=PASSWORD)
    took = {}
    for email in (ana.email, "nobody@example.org"):
        times = []
        for _ in range(5):
            app.extensions["redis"].flushall()
            begun = time.perf_counter()
            sign_in_as(client, email, "a wrong one for sure")
            times.append(time.perf_counter() - begun)
        took[email] = min(times)

    assert 1 / 3 < took[ana.email] / took["nobody@example.org"] < 3


def test_a_page_that_was_open_for_too_long_keeps_the_address(client, make):
    make.person("Ana", password=PASSWORD)
    client.sends_token = False

    answer = sign_in_as(client, "ana@example.org", csrf_token="from yesterday")

    assert answer.status_code == 422
    assert "open for a long time" in answer.text
    assert 'value="ana@example.org"' in answer.text
    assert PASSWORD not in answer.text


def test_missing_answers_are_named_beside_their_fields(client):
    answer = client.post("/sign-in", data={"email": "", "password": ""})

    assert answer.status_code == 422
    assert "<title>Error: Sign in" in answer.text
    assert "Enter your mail address." in answer.text
    assert "Enter your password." in answer.text


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/e.example"])
def test_signing_in_never_leads_to_another_site(client, make, next_path):
    ana = make.person("Ana", password=PASSWORD)
    assert sign_in_as(client, ana.email, next=next_path).location == "/"


def test_the_cookie_is_for_the_server_only_and_ends_with_the_browser(client, make):
    ana = make.person("Ana", password=PASSWORD)

    cookie = portal_cookie(sign_in_as(client, ana.email))

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["expires"]
    assert not cookie["max-age"]
    assert not cookie["secure"], "this origin is http"


def test_on_ones_own_device_the_cookie_stays(app, client, make):
    ana = make.person("Ana", password=PASSWORD)

    cookie = portal_cookie(sign_in_as(client, ana.email, own_device="y"))

    assert cookie["expires"]
    with app.app_context():
        session = db.session.scalars(sa.select(AuthSession)).one()
        assert 59 < (session.expires_at - session.seen_at).days <= 60


def portal_cookie(answer):
    [header] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("portal=")]
    return SimpleCookie(header)["portal"]


def test_a_copied_cookie_is_dead_after_signing_out(app, make, sign_in):
    browser = sign_in(make.person("Ana"))
    copied = browser.get_cookie("portal", domain="localhost").value
    thief = app.test_client()
    thief.set_cookie("portal", copied, domain="localhost")
    assert thief.get("/account").status_code == 200

    answer = browser.post("/sign-out")

    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert thief.get("/account").status_code == 303
    assert browser.get("/account").status_code == 303


def test_a_guessed_secret_opens_nothing(app, make, sign_in, client):
    sign_in(make.person("Ana"))
    for key in ("1.guess", "1.", "1", "x.y", "99.guess"):
        with client.session_transaction(base_url=ORIGIN) as cookie:
            cookie["_user_id"] = key
        assert client.get("/account").status_code == 303


def test_signing_out_needs_the_forms_token(make, sign_in):
    browser = sign_in(make.person("Ana"))
    browser.sends_token = False

    assert browser.post("/sign-out").status_code == 400
    assert browser.get("/account").status_code == 200


def test_another_person_at_the_same_browser_ends_the_first_ones_session(app, make, sign_in):
    ana, ben = make.person("Ana"), make.person("Ben", password=PASSWORD)
    browser = sign_in(ana)

    sign_in_as(browser, ben.email)

    assert "Ben" in browser.get("/account").text
    with app.app_context():
        ended = db.session.scalars(sa.select(AuthSession).where(AuthSession.user_id == ana.id)).one()
        assert ended.revoked_at is not None


def test_a_suspended_person_reads_why_and_stays_out(app, client, make):
    ana = make.person("Ana", password=PASSWORD, suspended_at=utcnow())

    wrong = sign_in_as(client, ana.email, "a wrong one for sure")
    answer = sign_in_as(client, ana.email)

    assert "suspended" not in wrong.text
    assert answer.status_code == 403
    assert "suspended" in answer.text
    assert client.get("/account").status_code == 303


def test_somebody_who_is_suspended_is_out_at_the_next_request(app, make, sign_in):
    ana = make.person("Ana")
    browser = sign_in(ana)
    with app.app_context():
        db.session.get_one(User, ana.id).suspended_at = ana.created_at
        db.session.commit()
    assert browser.get("/account").status_code == 303


def test_an_old_hash_is_renewed_when_its_person_signs_in(app, client, make):
    old = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash(PASSWORD)
    ana = make.person("Ana", password_hash=old)

    assert sign_in_as(client, ana.email).status_code == 303

    with app.app_context():
        stored = db.session.get_one(User, ana.id).password_hash
    assert "$m=8192,t=3,p=4$" in stored
    with app.app_context():
        assert passwords.verify(PASSWORD, stored)


def test_the_thirteenth_try_in_a_minute_is_told_to_wait_whatever_address_it_claims(client, make):
    ana = make.person("Ana", password=PASSWORD)
    statuses = [
        client.post(
            "/sign-in",
            data={"email": f"{number}-{ana.email}", "password": "guess number one"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        ).status_code
        for number in range(12)
    ]
    assert statuses[:10] == [422] * 10
    assert statuses[10:] == [429] * 2


def test_one_account_is_not_guessed_from_many_places(app, make):
    ana = make.person("Ana", password=PASSWORD)
    statuses = []
    for number in range(11):
        browser = app.test_client()
        answer = browser.post(
            "/sign-in",
            data={"email": ana.email, "password": "guess number one"},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
        statuses.append(answer.status_code)
    assert statuses == [422] * 10 + [429]


def test_a_foreign_host_name_is_refused(client):
    assert client.get("/sign-in", base_url="http://evil.example").status_code == 400


def test_signing_in_and_out_leaves_a_trace(app, make, client):
    ana = make.person("Ana", password=PASSWORD)
    sign_in_as(client, ana.email)
    client.post("/sign-out")
    with app.app_context():
        verbs = db.session.execute(sa.select(AuditEvent.verb, AuditEvent.actor_id).order_by(AuditEvent.id)).all()
        assert [tuple(row) for row in verbs] == [("signed_in", ana.id), ("signed_out", ana.id)]


def test_sign_in_pages_are_left_alone_by_turbo_and_kept_nowhere(client):
    for path in ("/sign-in", "/sign-in/link", "/sign-in/link/sent"):
        answer = client.get(path)
        assert 'data-turbo="false"' in answer.text.partition("<body")[2].partition(">")[0], path
        assert answer.headers["Cache-Control"] == "no-store"


def test_by_https_the_cookie_is_bound_to_the_host_and_never_sent_openly(app, make, tmp_path):
    origin = "https://portal.example.org"
    settings = replace(app.extensions["settings"], environment="production", origin=origin, instance=tmp_path)
    browser = create_app(settings).test_client()
    ana = make.person("Ana", password=PASSWORD)
    page = browser.get("/sign-in", base_url=origin).text
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]

    answer = browser.post(
        "/sign-in",
        base_url=origin,
        headers={"Referer": f"{origin}/sign-in"},
        data={"email": ana.email, "password": PASSWORD, "csrf_token": token},
    )

    assert answer.status_code == 303
    [header] = [line for line in answer.headers.getlist("Set-Cookie") if "__Host-portal=" in line]
    cookie = SimpleCookie(header)["__Host-portal"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert browser.get("/sign-in", base_url="http://localhost:8450").status_code == 400
