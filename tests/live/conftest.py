"""A stream of the tests' own: "lounge:1" lets in whom the test lets in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import Forbidden, NotFound

from portal import live
from portal.live import streams
from portal.transaction import commit, on_commit
from tests.live.processes import Bare, Server, Tab, serving


class Lounge:
    """Who may enter (user ids), and a way to tell those inside something."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.guests: set[int] = set()
        self.banned: set[int] = set()

    def let_in(self, *people: Any) -> None:
        self.guests.update(person.id for person in people)

    def gate(self, user: Any, _number: int) -> None:
        if user.id in self.banned:
            raise Forbidden
        if user.id not in self.guests:
            raise NotFound

    def say(self, text: str, name: str = "lounge:1", template: str = "<p>{{ text }}</p>") -> None:
        with self.app.app_context():
            on_commit(live.publish, name, self.app.jinja_env.from_string(template), text=text)
            commit()


@pytest.fixture
def lounge(app: Flask) -> Iterator[Lounge]:
    room = Lounge(app)
    live.stream("lounge")(room.gate)
    yield room
    del streams.gates["lounge"]


@pytest.fixture
def watch(connect: Callable[..., Any]) -> Callable[..., Any]:
    """`watch(ana)`: a socket that watches "lounge:1"; the ask must succeed."""

    def watching(user: Any, name: str = "lounge:1") -> Any:
        socket = connect(user)
        answer = ask(socket, name)
        assert answer["ok"], answer
        return socket

    return watching


def ask(socket: Any, name: str = "lounge:1", **more: Any) -> Any:
    """The answer to a subscribe."""
    return socket.emit("subscribe", {"stream": name, **more}, callback=True)


def heard(socket: Any, event: str = "stream") -> list[Any]:
    """The first argument of each such event that came since the last look at the socket."""
    return [message["args"][0] for message in socket.get_received() if message["name"] == event]


class Outage:
    """Redis away for the live pages of this process, from `begin` to `end`."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def begin(self) -> None:
        url = f"unix://{self.app.instance_path}/nobody-answers.sock"
        live.relay.bind(self.app, replace(self.app.extensions["settings"], redis_url=url))
        live.relay.is_alone = False  # as a server process among others would be

    def end(self) -> None:
        live.relay.bind(self.app, self.app.extensions["settings"])


@pytest.fixture
def without_redis(app: Flask, connect: Callable[..., Any]) -> Iterator[Outage]:
    outage = Outage(app)
    outage.begin()
    yield outage
    outage.end()


@pytest.fixture(scope="module")
def folder(whole_app: Flask, instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder of the server processes, with a migrated database."""
    path = tmp_path_factory.mktemp("p")
    shutil.copy(instance / "migrated.sqlite", path / "portal.sqlite")
    return path


@pytest.fixture(scope="module")
def server(folder: Path, valkey_url: str) -> Iterator[Server]:
    """A real server process for the tests of one file; a traceback in its log fails the last of them."""
    one = Server(folder, valkey_url)
    with serving(one):
        yield one


@pytest.fixture
def enter(server: Server) -> Iterator[Callable[..., Tab]]:
    """`enter("Ana")`: a signed-in browser tab on the server process."""
    tabs: list[Tab] = []

    def tab_of(name: str, on: Server | None = None) -> Tab:
        tabs.append(Tab(on or server, name))
        return tabs[-1]

    yield tab_of
    for tab in tabs:
        tab.leave()
        tab.http.close()


@pytest.fixture
def bare(server: Server) -> Iterator[Callable[..., Bare]]:
    """`bare(tab, Origin=...)`: a WebSocket of bytes with this tab's cookie (None: without one)."""
    lines: list[Bare] = []

    def line_of(tab: Tab | None, **options: Any) -> Bare:
        lines.append(Bare(tab.server if tab else server, tab, **options))
        return lines[-1]

    yield line_of
    for line in lines:
        line.end()
