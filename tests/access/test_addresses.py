"""Numbers and characters in addresses that no row can have: not there, whoever asks, on every database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import Make

SignIn = Callable[..., FlaskClient]
NO_IDS = ("0", "-1", str(2**31), str(2**63), str(10**20), "9" * 5000, "1.0", "1e3", "0x1", "٣", "1%00", "%F3%28")


@pytest.mark.parametrize("number", NO_IDS, ids=range(len(NO_IDS)))
def test_a_number_that_no_row_has_is_not_found(app: Flask, make: Make, sign_in: SignIn, number: str) -> None:
    browser = sign_in(make.officer("Olu", make.organisation("Home")))
    rules = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]
    assert len(rules) > 20, "the addresses with a number"

    for rule in rules:
        values: dict[str, Any] = dict.fromkeys(rule.arguments, 1) | {"slug": "home", "key": "vision"}
        path = rule.rule
        for name, value in values.items():
            path = path.replace(f"<int:{name}>", number).replace(f"<{name}>", str(value))
        method = "POST" if "POST" in rule.methods else "GET"
        answer = browser.open(path, method=method)
        # 405: ten digits may stand there, and another method answers at that address.
        assert answer.status_code in (400, 404, 405), (method, path[:80], answer.status_code)


@pytest.mark.parametrize("number", ["0", "-1", str(2**31), str(10**20), "9" * 60, "01", "٣", " 1", "1\x00", "\ud800"])
def test_a_stream_that_no_row_has_is_refused(make: Make, connect: Callable[..., Any], number: str) -> None:
    socket = connect(make.leader("Ana"))

    for kind in ("thread", "application"):
        answer = socket.emit("subscribe", {"stream": f"{kind}:{number}"}, callback=True)
        assert answer["error"]["code"] in ("unknown_stream", "not_found"), answer


@pytest.mark.parametrize(
    "path",
    [
        "/members/%00",
        "/boards/%00",
        "/statements/%00",
        "/invitations/%00",
        "/sign-in/link/%00",
        "/join/confirm/%00",
        "/boards/open?before=%00",
        "/sign-in?next=/%00",
        "/about?%00=1",
        "/static/%00",
        "/assets/-/%00",
    ],
)
def test_an_address_with_a_nul_is_refused(make: Make, sign_in: SignIn, path: str) -> None:
    make.board("Open")
    assert sign_in(make.leader("Ana")).get(path).status_code == 400


def test_a_nul_in_a_form_is_dropped_and_the_text_is_kept(make: Make, sign_in: SignIn) -> None:
    ana, thread = make.leader("Ana"), make.thread()

    answer = sign_in(ana).post(f"/boards/threads/{thread.id}/posts", data={"body": "be\x00fore\x00"})
    named = sign_in(ana).post("/account", data={"name": "A\x00na"})

    assert answer.status_code == named.status_code == 303
    assert "<p>before</p>" in sign_in(ana).get(f"/boards/threads/{thread.id}").text
    assert 'value="Ana"' in sign_in(ana).get("/account").text


def test_a_form_of_thousands_of_fields_is_too_large(client: FlaskClient) -> None:
    assert client.post("/join", data={f"f{n}": "x" for n in range(300)}).status_code == 422
    assert client.post("/join", data={f"f{n}": "x" for n in range(1001)}).status_code == 413


def test_a_form_that_is_too_large_does_not_make_the_limits_forget(client: FlaskClient, caplog: Any) -> None:
    for size in (1_100_000, 600_000):
        client.post("/sign-in", data={"email": "ana@example.org", "password": "x" * size})
    many = client.post("/sign-in", data={f"f{n}": "x" for n in range(1001)})

    assert many.status_code == 413
    assert "storage unreachable" not in caplog.text
