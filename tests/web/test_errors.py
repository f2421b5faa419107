"""Error pages: one voice, the same layout, nothing typed lost, no secrets shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient

from portal.extensions import db
from portal.transaction import DatabaseBusyError
from portal.web.errors import PAGES
from tests.browsing import Browser
from tests.builders import Make

SignIn = Callable[..., FlaskClient]
Statements = Callable[[], AbstractContextManager[list[str]]]
TEXT = "Eine lange Antwort, ñandú, پاسخ, <b>tags</b> & all"


@pytest.fixture
def failing(app: Flask) -> Iterator[Flask]:
    """The application as if each of its views failed in the way that `?fail=` names."""
    unchanged = app.before_request_funcs.setdefault(None, [])[:]

    def fail() -> None:
        match request.args.get("fail"):
            case "busy":
                raise DatabaseBusyError
            case "bug":
                raise RuntimeError("a bug")
            case str(status):
                abort(int(status))

    app.before_request_funcs[None].append(fail)
    app.testing, propagate = False, app.testing
    yield app
    app.testing = propagate
    app.before_request_funcs[None][:] = unchanged


@pytest.mark.parametrize("status", sorted(PAGES))
def test_each_error_says_what_happened_and_what_to_do_in_our_layout(failing: Flask, status: int) -> None:
    page = failing.test_client().get(f"/about?fail={status}", base_url="http://localhost:8450")

    assert page.status_code == status
    assert f"<h1>{PAGES[status].title}</h1>" in page.text
    assert str(PAGES[status].text).replace("'", "&#39;") in page.text
    assert 'class="band"' in page.text
    assert 'href="/contact"' in page.text


@pytest.mark.parametrize("status", sorted(PAGES))
def test_a_program_gets_a_code_and_a_message(failing: Flask, status: int) -> None:
    answer = failing.test_client().get(f"/about?fail={status}", headers={"Accept": "application/json"})

    assert answer.status_code == status
    assert answer.get_json() == {
        "ok": False,
        "error": {"code": PAGES[status].code, "message": str(PAGES[status].title)},
    }


def test_a_bug_shows_no_traceback(failing: Flask) -> None:
    page = failing.test_client().get("/about?fail=bug")

    assert page.status_code == 500
    assert "RuntimeError" not in page.text
    assert "a bug" not in page.text


def test_a_form_without_its_token_shows_what_was_typed_and_never_a_password(app: Flask) -> None:
    browser = Browser(app)
    browser.sends_token = False

    typed = {
        "body": TEXT,
        "password": "hunter2-is-long",
        "new_password": "hunter3-is-long",
        "csrf_token": "stale-token",
    }
    page = browser.post("/sign-out", data=typed)

    assert page.status_code == 400
    assert "This form is too old" in page.text
    assert "Eine lange Antwort, ñandú, پاسخ, &lt;b&gt;tags&lt;/b&gt; &amp; all</textarea>" in page.text
    for secret in ("hunter2", "hunter3", "stale-token"):
        assert secret not in page.text


def test_text_posted_while_the_database_was_busy_is_shown_again(failing: Flask, make: Make, sign_in: SignIn) -> None:
    page = sign_in(make.leader("Ana")).post("/boards/threads/1/posts?fail=busy", data={"body": TEXT})

    assert page.status_code == 503
    assert "ñandú" in page.text


def test_more_than_a_megabyte_is_refused_with_a_page(client: FlaskClient) -> None:
    page = client.post("/join", data={"message": "x" * 1_100_000})

    assert page.status_code == 413
    assert "up to 1 MB" in page.text


def test_almost_a_megabyte_is_read(client: FlaskClient) -> None:
    assert client.post("/join", data={"message": "x" * 900_000}).status_code == 422


def test_a_wrong_method_names_the_right_ones(make: Make, sign_in: SignIn) -> None:
    answer = sign_in(make.leader("Ana")).post("/about")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_pages_of_500_and_more_ask_nothing_of_the_database(
    failing: Flask, make: Make, sign_in: SignIn, statements: Statements
) -> None:
    browser = sign_in(make.leader("Ana"))

    with statements() as asked_for_503:
        page = browser.get("/about?fail=busy")

    assert page.status_code == 503
    assert not [statement for statement in asked_for_503 if "auth_sessions" in statement]
    assert "Sign in" not in page.text


def test_without_a_database_people_get_words_and_no_traceback(app: Flask, make: Make, sign_in: SignIn) -> None:
    browser = sign_in(make.leader("Ana"))
    app.testing, propagate = False, app.testing  # as in production: nothing reaches the server that we did not answer
    with app.app_context():
        db.session.execute(db.text("ALTER TABLE auth_sessions RENAME TO gone_sessions"))
        db.session.commit()
    try:
        page = browser.get("/")
    finally:
        app.testing = propagate
        with app.app_context():
            db.session.execute(db.text("ALTER TABLE gone_sessions RENAME TO auth_sessions"))
            db.session.commit()

    assert page.status_code in (500, 503)
    assert "Traceback" not in page.text
    assert "auth_sessions" not in page.text
