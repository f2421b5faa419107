"""The mailbox page: for the person at a development machine, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal import create_app, jobs, mail
from portal.transaction import commit
from tests.browsing import Browser


@pytest.fixture
def at_home(app, tmp_path):
    """A development portal on the same database, whose mail goes to a folder."""
    settings = replace(app.extensions["settings"], environment="development", instance=tmp_path, mail_url="mailbox:")
    development = create_app(settings)
    development.test_client_class = Browser
    return development


def send(app, **fields):
    with app.app_context():
        mail.send(**{"to": "ana@example.org", "template": "accounts/sign_in_link.txt", "link": "", **fields})
        commit()
        jobs.run_due_jobs()


def test_mails_are_listed_newest_first_and_their_links_can_be_followed(at_home):
    send(at_home, subject="The first", key="1")
    send(at_home, subject="Bienvenida, Núñez", key="2", link="http://localhost:8450/sign-in/link/abc?next=%2Fa")
    browser = at_home.test_client()

    listed = browser.get("/mailbox").text
    path = listed.partition('class="title" href="')[2].partition('"')[0]
    shown = browser.get(path).text

    assert listed.index("Bienvenida, Núñez") < listed.index("The first")
    assert '<a href="http://localhost:8450/sign-in/link/abc?next=%2Fa">' in shown


def test_what_stands_in_a_mail_is_text(at_home):
    send(at_home, subject="<script>alert(1)</script>", key="1", link="http://localhost/<script>alert(2)</script>")
    browser = at_home.test_client()
    listed = browser.get("/mailbox").text
    shown = browser.get(listed.partition('class="title" href="')[2].partition('"')[0]).text
    assert "<script>alert" not in listed + shown


def test_an_empty_mailbox_says_what_will_come(at_home):
    assert "No mail yet" in at_home.test_client().get("/mailbox").text


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/none"])
def test_from_another_machine_there_is_no_mailbox(at_home, path):
    browser = at_home.test_client()
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert browser.get(path, environ_overrides=away).status_code == 404
    forwarded = browser.get(path, environ_overrides=away, headers={"X-Forwarded-For": "127.0.0.1"})
    assert forwarded.status_code == 404


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/none"])
def test_behind_a_proxy_that_nobody_named_everybody_is_a_stranger(at_home, path):
    here = at_home.test_client()
    assert here.get("/mailbox").status_code == 200
    assert here.get(path, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_no_other_file_can_be_read(at_home):
    for name in ("..", "secret_key", "..%2fsecret_key", "%2e%2e"):
        assert at_home.test_client().get(f"/mailbox/{name}").status_code in (303, 404)


def test_a_portal_that_sends_its_mail_has_none(client, make, sign_in):
    assert client.get("/mailbox").status_code == 303
    assert sign_in(make.person("Ana")).get("/mailbox").status_code == 404


def test_production_has_none_whatever_its_mail_setting(app, tmp_path):
    settings = replace(
        app.extensions["settings"], environment="production", instance=tmp_path, origin="https://portal.example.org"
    )
    production = create_app(replace(settings, mail_url="mailbox:"))
    assert "mailbox.index" not in production.view_functions
