"""Whom the portal believes about addresses and hosts: nobody, or exactly the proxies that it was told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import create_app
from portal.live.door import Door
from tests.browsing import Browser
from tests.builders import Make

POLL = "/socket.io/?EIO=4&transport=polling"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}

Behind = Callable[[int], Flask]


@pytest.fixture
def behind(app: Flask, tmp_path: Path) -> Behind:
    """`behind(1)`: the application behind so many proxies of ours."""

    def made(proxies: int) -> Flask:
        made = create_app(replace(app.extensions["settings"], trusted_proxies=proxies, instance=tmp_path))
        made.test_client_class = Browser
        return made

    return made


def tries(app: Flask, forwarded: Callable[[int], str], count: int = 15) -> list[int]:
    """The statuses of so many guesses at as many accounts, with that X-Forwarded-For."""
    return [
        app.test_client()
        .post(
            "/sign-in",
            data={"email": f"{forwarded(n)}-{n}@example.org", "password": "guess number one"},
            headers={"X-Forwarded-For": forwarded(n)},
        )
        .status_code
        for n in range(count)
    ]


@pytest.mark.parametrize("proxies", [0, 1])
def test_what_a_stranger_claims_to_be_forwarded_for_lifts_no_limit(behind: Behind, proxies: int) -> None:
    # With a proxy the last hop is what the proxy saw; everything left of it is the stranger's invention.
    hop = ", 203.0.113.9" if proxies else ""
    assert 429 in tries(behind(proxies), lambda n: f"198.51.100.{n}{hop}")


def test_behind_our_proxy_two_people_are_two(behind: Behind) -> None:
    app = behind(1)
    assert tries(app, lambda n: "203.0.113.9")[-1] == 429
    assert tries(app, lambda n: "203.0.113.10", 1) == [422]


def test_forwarded_words_are_judged_once_and_before_everything_else(behind: Behind) -> None:
    assert isinstance(behind(0).wsgi_app, Door)
    outermost = behind(1).wsgi_app
    assert isinstance(outermost, ProxyFix)
    assert isinstance(outermost.app, Door)
    assert not isinstance(outermost.app.inner, ProxyFix)


@pytest.mark.parametrize(("proxies", "page", "socket"), [(0, 400, 400), (1, 200, 401)])
def test_pages_and_sockets_take_the_host_from_our_proxy_only(
    behind: Behind, proxies: int, page: int, socket: int
) -> None:
    browser = behind(proxies).test_client()
    headers = {"X-Forwarded-Host": "localhost:8450", "X-Forwarded-For": "203.0.113.9", **FROM_HERE}

    assert browser.get("/about", base_url="http://10.0.0.7:9000", headers=headers).status_code == page
    assert browser.get(POLL, base_url="http://10.0.0.7:9000", headers=headers).status_code == socket


def test_a_host_that_is_not_ours_is_refused_also_when_the_proxy_passes_it_on(behind: Behind) -> None:
    browser, headers = behind(1).test_client(), {"X-Forwarded-Host": "evil.example", **FROM_HERE}

    assert browser.get("/about", headers=headers).status_code == 400
    assert browser.get(POLL, headers=headers).status_code == 400


@pytest.mark.parametrize("path", ["/mailbox", "/readyz"])
def test_what_is_for_this_machine_is_not_for_whoever_says_to_be_it(behind: Behind, make: Make, path: str) -> None:
    answer = behind(1).test_client().get(path, headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.9"})

    assert answer.status_code in (200, 303)
    assert "details" not in answer.text
