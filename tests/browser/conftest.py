"""Real Chromium, and the portal as production runs it: PostgreSQL, Valkey, two servers behind Caddy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import services
from tests.browser.people import TIMEOUT_MS, Person
from tests.stack import Stack

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with services.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; nothing is downloaded."""
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two server processes behind Caddy with the sample network."""
    yield from running(postgres_server, tmp_path_factory.mktemp("s"), "browser")


@pytest.fixture(scope="session")
def polling_stack(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The same behind a proxy that refuses every upgrade, as some hospitals' do."""
    yield from running(postgres_server, tmp_path_factory.mktemp("s"), "polling", refuse_upgrade=True)


@pytest.fixture(params=["stack", "polling_stack"], ids=["WebSocket", "polling only"])
def network(request: pytest.FixtureRequest) -> Stack:
    """The same portal behind a proxy that lets WebSockets through, and behind one that refuses them."""
    stack: Stack = request.getfixturevalue(request.param)
    return stack


def running(postgres_server: str, folder: Path, name: str, *, refuse_upgrade: bool = False) -> Iterator[Stack]:
    url = services.fresh_database(postgres_server, name)
    stack = Stack(folder, database_url=url, servers=2, refuse_upgrade=refuse_upgrade)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


Arrive = Callable[..., Person]

# How long a page may take to show what is expected: patience for a busy machine, not a measure of speed.
expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="session")
def kept_cookies() -> dict[tuple[str, str], list[Any]]:
    """The session of everybody who signed in so far: signing in is limited to ten a minute, also for tests."""
    return {}


@pytest.fixture
def arrive(chromium: Browser, kept_cookies: dict[tuple[str, str], list[Any]]) -> Iterator[Arrive]:
    """`arrive(stack, "marisol", not_on=other)`: this person, signed in, at their desk in a browser of their own.

    `not_on` asks for another server process than that person's; `fresh` signs in anew, for tests that end the
    session. Each person's console must stay silent.
    """
    people: list[Person] = []

    def arrive(
        stack: Stack, name: str = "", *, not_on: Person | None = None, fresh: bool = False, **options: Any
    ) -> Person:
        while True:
            context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
            person = Person(context, stack.origin, expects_refused_upgrades=stack.refuse_upgrade)
            person.go("/sign-in")
            if not_on is None or person.server != not_on.server:
                break
            context.close()
        people.append(person)
        if name and (cookies := None if fresh else kept_cookies.get((stack.origin, name))):
            context.add_cookies(cookies)
            person.go("/")
        elif name:
            person.sign_in(*stack.sign_ins()[name])
            if not fresh:
                kept_cookies[stack.origin, name] = person.session_cookies()
        return person

    yield arrive
    complaints = [complaint for person in people for complaint in person.complaints]
    for person in people:
        person.context.close()
    assert complaints == []
