"""What stands in the logs after a day's work and after failures: who and where, never what they wrote or a secret."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import structlog
from flask import Flask
from flask.testing import FlaskClient

from launcher.environment import ROOT
from portal import jobs, logs
from portal.extensions import db
from portal.logs import SECRET_TAIL
from tests.builders import Make
from tests.builders.accounts import PASSWORD

SignIn = Callable[..., FlaskClient]
Log = Callable[[], str]
WORDS = "Something-that-Ana-wrote"


@pytest.fixture
def logged(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    """`logged()`: all that this process wrote into its log, by structlog and by the libraries' loggers."""
    before, written = structlog.get_config(), io.StringIO()
    logs.configure(json=True)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=written))
    yield lambda: written.getvalue() + caplog.text
    structlog.configure(**before)


def test_a_days_work_leaves_no_secret_and_no_word_of_anybody_in_the_log(
    app: Flask, make: Make, sign_in: SignIn, client: FlaskClient, logged: Log
) -> None:
    ana = make.leader("Ana")
    ben = make.person("Ben", password=PASSWORD)
    thread, browser = make.thread(), sign_in(ana)
    _invitation, invited = make.invitation(
        "colleague", by=ana, subject_id=ana.membership.organisation_id, role="colleague"
    )

    browser.post(f"/boards/threads/{thread.id}/posts", data={"body": WORDS})
    client.post("/sign-in", data={"email": ben.email, "password": f"not {PASSWORD}"})
    client.post("/sign-in", data={"email": ben.email, "password": PASSWORD})
    client.get(f"/about?q={WORDS}")
    client.get(f"/no/such?q={WORDS}")
    client.post("/sign-in/link", data={"email": ana.email})
    client.get(invited)
    with app.app_context():
        jobs.run_due_jobs()
    [mail] = [each for each in app.extensions["mail_transport"].messages if "sign-in/link" in each.get_content()]
    link = mail.get_content().partition("/sign-in/link/")[2].split()[0]
    client.get(f"/sign-in/link/{link}")
    client.get(f"/join/confirm/{link}")
    log = logged()

    assert '"path": "/sign-in/link/-"' in log
    assert '"path": "/invitations/-"' in log
    cookie = browser.get_cookie("portal", domain="localhost").value
    secrets = (WORDS, PASSWORD, link, invited.rpartition("/")[2], cookie, ana.email, ben.email, "?")
    assert [secret for secret in secrets if secret in log] == []


def test_a_statement_that_fails_is_logged_without_its_values(
    app: Flask, make: Make, sign_in: SignIn, logged: Log
) -> None:
    thread, browser = make.thread(), sign_in(make.leader("Ana"))
    app.testing, propagate = False, app.testing
    with app.app_context():
        db.session.execute(sa.text("ALTER TABLE posts RENAME COLUMN body TO gone"))
        db.session.commit()
    try:
        answer = browser.post(f"/boards/threads/{thread.id}/posts", data={"body": WORDS, "submission_key": WORDS})
    finally:
        app.testing = propagate
        with app.app_context():
            db.session.rollback()
            db.session.execute(sa.text("ALTER TABLE posts RENAME COLUMN gone TO body"))
            db.session.commit()

    assert answer.status_code >= 500
    assert WORDS in answer.text, "what was typed is shown again"
    log = logged()
    # A column that is missing is one kind of error to SQLite and another to PostgreSQL.
    assert "database_failed" in log or "Exception on /boards/threads" in log
    assert "[SQL: " in log
    assert WORDS not in log


def test_the_proxy_cuts_off_the_same_tails() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    tails = SECRET_TAIL.pattern.removeprefix("^(/(?:").partition(")/)")[0]

    assert f'regexp "^(/(?:{tails})/).*$"' in caddyfile
    for kept_out in ("Cookie", "Referer", "Location"):
        assert f">{kept_out} delete" in caddyfile
