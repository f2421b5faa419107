"""One's own account: name, time zone, password, devices."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import jobs
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.extensions import db
from tests.builders.accounts import PASSWORD

NEW = "six wet otters hum softly"


def long_ago(app):
    """Everybody confirmed who they are eleven minutes ago."""
    with app.app_context():
        db.session.execute(sa.update(AuthSession).values(verified_at=utcnow() - timedelta(minutes=11)))
        db.session.commit()


def test_a_person_changes_their_name(make, sign_in):
    browser = sign_in(make.person("Ana"))
    assert browser.post("/account", data={"name": "  Ana   Núñez "}).status_code == 303
    assert 'value="Ana Núñez"' in browser.get("/account").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_is_needed_and_has_an_end(make, sign_in, name):
    assert sign_in(make.person("Ana")).post("/account", data={"name": name}).status_code == 422


@pytest.mark.parametrize(
    ("zone", "words"), [("Africa/Lagos", "Lagos"), ("Asia/Calcutta", "Calcutta"), ("America/New_York", "New York")]
)
def test_a_person_confirms_their_zone_by_city(make, sign_in, zone, words):
    browser = sign_in(make.person("Ana"))
    assert "not confirmed a time zone" in browser.get("/account").text

    assert browser.post("/account/time-zone", data={"time_zone": zone}).status_code == 303

    page = browser.get("/account").text
    assert f"Times are now shown for {words}." in page
    assert f'<option selected value="{zone}">' in page


def test_the_zone_question_of_another_page_leads_back_to_it(make, sign_in):
    answer = sign_in(make.person("Ana")).post("/account/time-zone", data={"time_zone": "UTC", "next": "/boards"})
    assert answer.location == "/boards"


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "Etc/GMT+5"])
def test_what_is_no_city_is_no_zone(app, make, sign_in, zone):
    ana = make.person("Ana")
    answer = sign_in(ana).post("/account/time-zone", data={"time_zone": zone})
    assert answer.status_code == 422
    assert "Choose a city from the list." in answer.text
    with app.app_context():
        assert db.session.get_one(User, ana.id).time_zone is None


def test_the_password_is_changed_only_by_somebody_who_shows_again_who_they_are(app, make, sign_in):
    ana = make.person("Ana", password=PASSWORD)
    browser = sign_in(ana)
    long_ago(app)

    for answer in (browser.get("/account/password"), browser.post("/account/password", data={"password": NEW})):
        assert answer.location == "/account/confirm?next=/account/password"
    wrong = browser.post("/account/confirm", data={"password": "a wrong one for sure"})
    assert wrong.status_code == 422
    assert browser.get("/account/password").status_code == 303

    right = browser.post("/account/confirm", data={"password": PASSWORD, "next": "/account/password"})
    assert right.location == "/account/password"
    assert browser.post("/account/password", data={"password": NEW}).location == "/account"

    client = app.test_client()
    assert client.post("/sign-in", data={"email": ana.email, "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": ana.email, "password": NEW}).status_code == 303


def test_a_new_password_signs_out_every_other_device_and_says_so_by_mail(app, make, sign_in):
    ana, ben = make.person("Ana"), make.person("Ben")
    here, there, bens = sign_in(ana), sign_in(ana), sign_in(ben)

    here.post("/account/password", data={"password": NEW})

    assert [browser.get("/account").status_code for browser in (here, there, bens)] == [200, 303, 200]
    with app.app_context():
        jobs.run_due_jobs()
    [message] = app.extensions["mail_transport"].messages
    assert message["To"].addresses[0].addr_spec == ana.email
    assert "password" in message["Subject"]


def test_ones_own_name_is_no_password(make, sign_in):
    answer = sign_in(make.person("Anastasia Romero")).post("/account/password", data={"password": "anastasia romero"})
    assert answer.status_code == 422
    assert "easy to guess" in answer.text


def test_devices_are_listed_and_signed_out_one_by_one(app, make, sign_in):
    ana = make.person("Ana")
    here, there = sign_in(ana), sign_in(ana, own_device=True)
    with app.app_context():
        other = db.session.scalars(sa.select(AuthSession.id).where(AuthSession.own_device)).one()

    page = here.get("/account/sessions").text
    assert page.count('id="session-') == 2
    assert page.count("This device") == 1
    assert here.post(f"/account/sessions/{other}/revocation").status_code == 303

    assert there.get("/account").status_code == 303
    assert here.get("/account/sessions").text.count('id="session-') == 1


def test_all_other_devices_are_signed_out_at_once(make, sign_in):
    ana = make.person("Ana")
    here, there, elsewhere = sign_in(ana), sign_in(ana), sign_in(ana)
    assert here.post("/account/sessions/others/revocation").status_code == 303
    assert [browser.get("/account").status_code for browser in (here, there, elsewhere)] == [200, 303, 303]


def test_nobody_sees_or_ends_another_persons_session(app, make, sign_in):
    ana, eve = make.person("Ana"), make.person("Eve")
    anas, eves = sign_in(ana), sign_in(eve)
    with app.app_context():
        session_id = db.session.scalars(sa.select(AuthSession.id).where(AuthSession.user_id == ana.id)).one()

    assert f'id="session-{session_id}"' not in eves.get("/account/sessions").text
    assert eves.post(f"/account/sessions/{session_id}/revocation").status_code == 404
    assert eves.post("/account/sessions/999/revocation").status_code == 404
    assert anas.get("/account").status_code == 200


def test_every_form_of_the_account_needs_the_token(make, sign_in):
    browser = sign_in(make.person("Ana"))
    browser.sends_token = False
    for path, data in {
        "/account": {"name": "Eve"},
        "/account/time-zone": {"time_zone": "UTC"},
        "/account/password": {"password": NEW},
        "/account/confirm": {"password": PASSWORD},
    }.items():
        assert browser.post(path, data=data).status_code == 422, path
    assert browser.post("/account/sessions/others/revocation").status_code == 400
    assert 'value="Ana"' in browser.get("/account").text


def test_what_was_typed_when_the_session_ended_is_shown(make, sign_in):
    ana = make.person("Ana")
    browser, elsewhere = sign_in(ana), sign_in(ana)
    elsewhere.post("/account/sessions/others/revocation")

    answer = browser.post("/account", data={"name": "Ana María Núñez de la Vega"})

    assert answer.status_code == 401
    assert "Ana María Núñez de la Vega" in answer.text


def test_a_signed_out_form_without_text_leads_to_sign_in_and_back_to_its_page(client):
    answer = client.post("/account", headers={"Referer": "http://localhost:8450/account"})
    assert answer.location == "/sign-in?next=%2Faccount"
    elsewhere = client.post("/account", headers={"Referer": "http://evil.example/account"})
    assert elsewhere.location == "/sign-in?next=%2F"
