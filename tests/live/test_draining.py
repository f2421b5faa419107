"""A server that is told to end: its tabs leave in time, and no new ones come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.live.processes import Server, Tab, serving, soon

pytestmark = pytest.mark.processes


@pytest.fixture
def server(folder: Path, valkey_url: str) -> Iterator[Server]:
    """One for each test: it ends in it."""
    one = Server(folder, valkey_url)
    with serving(one):
        yield one


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_tabs_are_sent_away_long_before_the_process_is_killed(server: Server, transport: str) -> None:
    tab = Tab(server, "Ana").connect(transport)
    server.process.terminate()
    soon(lambda: not tab.client.connected, "the tab to be sent away")
    assert server.process.poll() is None, "it was sent away, not cut off"


def test_a_proxy_that_keeps_connections_is_told_to_look_elsewhere(server: Server) -> None:
    asking, entering, reading = kept = [requests.Session() for _ in range(3)]
    for session in kept:
        assert session.get(f"{server.origin}/healthz", timeout=5).headers.get("Connection") != "close"
    server.process.terminate()
    soon(lambda: is_ending(asking, server), "the process to say that it ends")
    new = entering.get(f"{server.origin}/socket.io/?EIO=4&transport=polling", timeout=5)
    assert new.status_code == 503
    page = reading.get(f"{server.origin}/about", timeout=5)
    assert page.status_code == 200, "pages are answered to the end"
    assert page.headers["Connection"] == "close"
    for session in kept:
        session.close()


def is_ending(session: requests.Session, server: Server) -> bool:
    answer = session.get(f"{server.origin}/healthz", timeout=5)
    return (answer.status_code, answer.headers["Connection"]) == (503, "close")
