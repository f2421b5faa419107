"""Two server processes on one database and one Valkey, as behind a proxy; and Valkey dying under them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import valkey
from tests.live.processes import Server, Tab, serving, soon

pytestmark = pytest.mark.processes


class Pair:
    """Two processes with a Valkey of their own, which can die and come back."""

    def __init__(self, folder: Path, valkey_folder: Path) -> None:
        self.valkey_folder = valkey_folder
        self.start_valkey()
        url = f"unix://{valkey_folder / 'valkey.sock'}"
        self.first, self.second = Server(folder, url, name="first"), Server(folder, url, name="second")

    def start_valkey(self) -> None:
        self.valkey = valkey.start(self.valkey_folder)

    def kill_valkey(self) -> None:
        self.valkey.kill()
        self.valkey.wait()


@pytest.fixture(scope="module")
def pair(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    both = Pair(folder, tmp_path_factory.mktemp("v"))
    with serving(both.first, both.second):
        yield both
    both.kill_valkey()


@pytest.fixture
def here(pair: Pair, enter) -> Tab:
    return enter("Ana", on=pair.first)


@pytest.fixture
def there(pair: Pair, enter) -> list[Tab]:
    """A WebSocket and a polling watcher on the other process."""
    tabs = [enter("Ben", on=pair.second).connect("websocket"), enter("Cem", on=pair.second).connect("polling")]
    for tab in tabs:
        assert tab.ask()["ok"]
    return tabs


def test_a_fragment_published_here_arrives_there_once(here, there):
    here.post("/say", text="over to you", times=5)

    for tab in there:
        soon(lambda tab=tab: len(tab.texts()) >= 5, "the fragments from the other process")
        assert tab.texts() == ["over to you"] * 5


def test_who_writes_there_is_seen_here(here, there):
    here.connect("websocket")
    assert here.ask()["ok"]

    there[0].client.call("writing", {"stream": "lounge:1"}, timeout=10)

    soon(lambda: any(event == "writing" for event, _ in here.heard), "the sign from the other process")
    sign = next(data for event, data in here.heard if event == "writing")
    assert (sign["name"], sign["active"]) == ("Ben", True)


def test_readers_of_both_processes_are_counted(here, there):
    here.connect("websocket")
    here.ask(presence=True)
    for tab in there:
        tab.ask(presence=True)

    counts = [data["count"] for event, data in here.heard if event == "readers"]
    soon(lambda: [d["count"] for e, d in here.heard if e == "readers"][-1:] == [3], f"three readers, not {counts}")


def test_a_session_ended_here_is_closed_there_within_a_second(here, there):
    begun = time.monotonic()
    here.post("/end", session_id=there[0].me["session_id"], tell="1")

    soon(lambda: not there[0].client.connected, "the end of the connection")
    assert time.monotonic() - begun < 1
    here.post("/say", text="without you")
    soon(lambda: there[1].texts() == ["without you"], "the fragment for the other")
    assert there[0].texts() == []


def test_a_right_lost_here_is_lost_there_within_a_second(here, there):
    begun = time.monotonic()
    here.post("/ban", user_id=there[0].me["user_id"], tell="1")

    soon(lambda: ("recheck", {"stream": "lounge:1"}) in there[0].heard, "the order to ask again")
    assert time.monotonic() - begun < 1
    assert there[0].ask()["error"]["code"] == "not_found"
    assert there[1].ask()["ok"]
    here.post("/say", text="without you")
    soon(lambda: there[1].texts() == ["without you"], "the fragment for the other")
    assert there[0].texts() == []


def test_when_valkey_dies_one_process_goes_on_and_the_others_catch_up(pair, here, there):
    here.connect("websocket")
    assert here.ask()["ok"]
    # A busy machine may have cost the other process its line to Valkey; then a stream has no place yet.
    place = soon(lambda: (found := there[0].ask())["generation"] and found, "a place in the stream")
    pair.kill_valkey()
    try:
        here.post("/say", text="alone")
        soon(lambda: here.texts() == ["alone"], "the fragment in its own process")
        assert there[0].texts() == []
        soon(lambda: not pair.second.wire()["relay"], "the other process to notice")
        begun = time.monotonic()
        here.post("/end", session_id=there[1].me["session_id"], tell="1")
        soon(lambda: not there[1].client.connected, "the sweep to end the session")
        assert time.monotonic() - begun < 7
    finally:
        pair.start_valkey()

    begun = time.monotonic()
    soon(lambda: ("recheck", {"stream": "lounge:1"}) in there[0].heard, "to be told to ask")
    assert time.monotonic() - begun < 5
    assert there[0].ask(generation=place["generation"], since=place["seq"])["refresh"] is True
    soon(lambda: pair.first.wire()["relay"] and pair.second.wire()["relay"], "both processes on the line")
    here.post("/say", text="together again")
    soon(lambda: there[0].texts() == ["together again"], "the fragment")


def test_without_valkey_a_lost_right_is_lost_within_six_seconds(pair, here, there):
    pair.kill_valkey()
    try:
        soon(lambda: not pair.second.wire()["relay"], "the other process to notice")
        begun = time.monotonic()
        here.post("/ban", user_id=there[0].me["user_id"], tell="1")
        soon(lambda: ("recheck", {"stream": "lounge:1"}) in there[0].heard, "the sweep to put them out")
        assert time.monotonic() - begun < 6.5
        assert there[0].ask()["error"]["code"] == "not_found"
    finally:
        pair.start_valkey()


def test_a_process_starts_and_serves_without_valkey(folder, tmp_path, enter):
    alone = Server(folder, f"unix://{tmp_path / 'nobody.sock'}", name="alone")
    with serving(alone):
        tab = enter("Ana", on=alone).connect("websocket")
        assert tab.ask()["ok"]
        tab.post("/say", text="hello")
        soon(lambda: tab.texts() == ["hello"], "the fragment")
        assert alone.log().count("redis_away") <= 3, "said once an outage, not at every try"
        tab.leave()
