"""The security headers stand on every kind of answer, not only on pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import create_app
from portal.web.security import PERMISSIONS
from tests.builders import Make

SignIn = Callable[..., FlaskClient]
POLL = "/socket.io/?EIO=4&transport=polling"
FIXED = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


def is_safe(answer: TestResponse) -> bool:
    """Each once, and a policy that starts from nothing and lets nobody frame it."""
    policies = answer.headers.getlist("Content-Security-Policy")
    has_policy = len(policies) == 1 and "default-src 'none'" in policies[0] and "frame-ancestors 'none'" in policies[0]
    return has_policy and all(answer.headers.getlist(name) == [value] for name, value in FIXED.items())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/about", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/robots.txt", 200),
        ("/favicon.ico", 200),
        ("/static/favicon.svg", 200),
        ("/account", 303),
        ("/no-such-page", 303),
        ("/members/nobody", 404),
        ("/assets/-/nothing.css", 404),
        ("/about?page=%00", 400),
        (POLL, 403),
        ("/socket.io/", 403),
    ],
)
def test_what_a_stranger_is_answered(client: FlaskClient, path: str, status: int) -> None:
    with client.get(path) as answer:
        assert answer.status_code == status
        assert is_safe(answer), answer.headers


@pytest.mark.parametrize("asset", ["css/base.css", "js/main.js", "favicon.svg"])
def test_what_never_changes(app: Flask, client: FlaskClient, asset: str) -> None:
    with client.get(app.extensions["assets"].url(asset)) as answer:
        assert answer.status_code == 200
        assert is_safe(answer), answer.headers


def test_refusals_streams_states_and_json(make: Make, sign_in: SignIn) -> None:
    ana = make.leader("Ana")
    application, thread, browser = make.application(ana), make.thread(author=ana), sign_in(ana)
    stream = {"Accept": "text/vnd.turbo-stream.html"}
    document = application.sections[0].document_id
    answers = {
        "stream": browser.post(f"/boards/threads/{thread.id}/posts", data={"body": "Hello"}, headers=stream),
        "refused form": browser.post(f"/boards/threads/{thread.id}/posts"),
        "too large": browser.post("/join", data={"message": "x" * 1_100_000}),
        "wrong method": browser.post("/about"),
        "json": browser.get("/boards/threads/999", headers={"Accept": "application/json"}),
        "state": browser.get(f"/documents/{document}/state"),
        "here": browser.get(f"/applications/{application.id}/here"),
        "foreign host": browser.get("/about", base_url="http://evil.example"),
        "options": browser.options("/about"),
        "head": browser.head("/about"),
        "sign-out": browser.post("/sign-out"),
    }

    assert answers["stream"].content_type.startswith("text/vnd.turbo-stream.html")
    assert {name for name, answer in answers.items() if not is_safe(answer)} == set()


def test_by_https_every_answer_says_to_come_by_https_again(app: Flask, tmp_path: Path) -> None:
    settings = replace(app.extensions["settings"], origin="https://portal.example.org", instance=tmp_path)
    browser = create_app(settings).test_client()

    for path in ("/about", "/account", "/healthz", POLL):
        answer = browser.get(path, base_url="https://portal.example.org")
        assert answer.headers.getlist("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"], path
