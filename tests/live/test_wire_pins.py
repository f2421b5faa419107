"""The wire among sockets of every kind, and the upstream internals that it leans on: raise versions with care."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from engineio.packet import MESSAGE, PING, Packet
from gevent.hub import Hub

from portal.web.wire import frame
from portal.web.wire.fanout import Outbox
from tests.live.processes import TEXT, Server, Tab, quiet_for, serving, soon

pytestmark = pytest.mark.processes

EVERY_KIND = [("websocket",), ("polling",), ()]  # () starts by polling and upgrades


def test_a_websockets_queue_is_ours_and_is_written_directly(enter, server: Server):
    tab = enter("Ana").connect("websocket")
    assert tab.ask()["ok"]

    wire = server.wire()

    assert wire["queues"] == wire["websockets"] == wire["upgraded"] == wire["direct"] == [True]


def test_a_polling_socket_is_never_written_directly(enter, server: Server):
    tab = enter("Ana").connect("polling")
    assert tab.ask()["ok"]

    assert server.wire()["direct"] == [False]


def test_a_room_of_every_kind_hears_text_and_bytes_in_order(enter, server: Server):
    tabs = [enter(f"Ana{number}").connect(*kind, namespaces=("/", "/doc")) for number, kind in enumerate(EVERY_KIND)]
    speaker = enter("Ben").connect("websocket", namespaces=("/", "/doc"))
    for tab in tabs:
        assert tab.ask()["ok"]
        assert tab.client.call("echo", {"body": "here"}, namespace="/doc", timeout=10)["ok"]

    sent = []
    for number in range(40):
        body = b"\x00bytes %d" % number if number % 2 else f"text {number}"
        sent.append(body)
        speaker.client.call("echo", {"body": body}, namespace="/doc", timeout=10)

    for tab in tabs:
        soon(lambda tab=tab: len(echoes(tab)) >= len(sent), f"{len(sent)} echoes")
        assert echoes(tab) == sent


def echoes(tab: Tab) -> list[str | bytes]:
    return [data for event, data in tab.heard if event == "echoed" and data != "here"]


def test_two_hundred_fragments_arrive_in_order_while_some_upgrade(enter, server: Server):
    tabs = [enter(f"Ana{number}").connect(*kind) for number, kind in enumerate(EVERY_KIND)]
    for tab in tabs:
        assert tab.ask()["ok"]
    late = []

    enter("Ben").post("/say", text="first half", times=100)
    for number in range(3):
        late.append(enter(f"Late{number}").connect())
        assert late[-1].ask()["ok"]
    enter("Ben").post("/say", text="second half", times=100)

    for tab in tabs:
        soon(lambda tab=tab: len(tab.heard) >= 200, "200 fragments")
        seqs = [data["seq"] for event, data in tab.heard if event == "stream"]
        assert seqs == list(range(seqs[0], seqs[0] + 200))
    for tab in late:
        soon(lambda tab=tab: len(tab.heard) >= 100, "the second half")
        assert tab.texts() == ["second half"] * 100


def test_a_reader_who_stops_reading_is_dropped_and_holds_up_nobody(enter, bare, server: Server):
    asleep = bare(enter("Ana")).open()
    asleep.send('421["subscribe",{"stream":"lounge:1"}]')
    asleep.expect(b"431")
    awake = enter("Ben").connect("websocket")
    assert awake.ask()["ok"]
    speaker = enter("Cem")

    said = 0
    while server.wire()["peers"] == 2 and said < 400:
        speaker.post("/say", text="x" * 60_000, times=8)
        said += 8
        soon(lambda: len(awake.heard) == said, "everything for the one who reads")  # noqa: B023  # asked at once

    assert server.wire()["peers"] == 1, "the sleeper should have been dropped"
    assert awake.client.connected


@pytest.mark.parametrize(("size", "times"), [(10, 600), (60_000, 20)], ids=["packets", "bytes"])
def test_somebody_who_does_not_fetch_by_polling_is_dropped_and_holds_up_nobody(enter, server: Server, size, times):
    asleep, begun = enter("Ana"), time.monotonic()
    poll = f"{server.origin}/socket.io/?EIO=4&transport=polling"
    headers = {"Sec-Fetch-Site": "same-origin"}
    opened = asleep.http.get(poll, headers=headers, timeout=10).text
    poll += "&sid=" + json.loads(opened[1:])["sid"]
    for message in ("40", '421["subscribe",{"stream":"lounge:1"}]'):
        assert asleep.http.post(poll, data=message, timeout=10).text == "OK"
        assert asleep.http.get(poll, headers=headers, timeout=10).ok
    awake = enter("Ben").connect("polling")
    assert awake.ask()["ok"]

    speaker = enter("Cem")
    for number in range(times // 10):
        speaker.post("/say", text="x" * size, times=10)
        soon(lambda number=number: len(awake.heard) == 10 * number + 10, "everything for the one who fetches")

    soon(lambda: server.wire()["peers"] == 1, "the sleeper to be dropped")
    assert time.monotonic() - begun < 9, "for what waited, not for a ping"
    assert awake.client.connected
    assert asleep.http.get(poll, headers=headers, timeout=10).status_code == 400


def test_six_million_bytes_and_three_hundred_events_reach_a_reader_who_slept(enter, bare, server: Server):
    slow = bare(enter("Ana"), window=16_384).open()
    slow.send('421["subscribe",{"stream":"lounge:1"}]')
    slow.expect(b"431")
    awake = enter("Ben").connect("websocket")
    assert awake.ask()["ok"]
    speaker = enter("Cem")

    speaker.post("/say", text="y" * 60, repeat=100_000)
    speaker.post("/say", text="after", times=300)
    begun = time.monotonic()
    soon(lambda: len(awake.heard) == 301, "everything for the one who reads")
    assert time.monotonic() - begun < 3
    quiet_for(3)

    messages = [json.loads(slow.expect(b'42["stream"')[2:])[1] for _ in range(301)]
    assert messages[0]["html"].count("y") == 6_000_000
    seqs = [message["seq"] for message in messages]
    assert seqs == list(range(seqs[0], seqs[0] + 301))


def test_a_slow_reader_within_bounds_gets_everything_in_order(enter, bare, server: Server):
    slow = bare(enter("Ana")).open()
    slow.send('421["subscribe",{"stream":"lounge:1"}]')
    slow.expect(b"431")

    enter("Ben").post("/say", text="y" * 8_000, times=100)
    quiet_for(0.5)

    messages = [slow.expect(b'42["stream"') for _ in range(100)]
    seqs = [int(message.split(b'"seq":')[1].split(b",")[0]) for message in messages]
    assert seqs == list(range(seqs[0], seqs[0] + 100))


def test_an_idle_connection_of_each_kind_stays_open(folder, valkey_url):
    """The ping interval is lowered to a second: in this time a stock queue of its own would have been closed."""
    quick = Server(folder, valkey_url, name="quick", ping=1)
    with serving(quick):
        tabs = [Tab(quick, f"Ana{number}").connect(*kind) for number, kind in enumerate(EVERY_KIND)]
        for tab in tabs:
            assert tab.ask()["ok"]
        quiet_for(8)
        assert [tab.client.connected for tab in tabs] == [True, True, True]
        tabs[0].post("/say", text="still here")
        for tab in tabs:
            soon(lambda tab=tab: tab.texts() == ["still here"], "the fragment")
            tab.leave()
            tab.http.close()


def test_a_connection_that_answers_no_ping_is_closed(enter, bare, server: Server):
    line = bare(enter("Ana")).open()

    assert line.close_code() in (None, 1000)  # after 5 + 4 seconds in which it only listens


def test_framing_and_pushing_never_yield(monkeypatch):
    """Order rests on it: another greenlet must not write between two halves of an event."""
    switches: list[Hub] = []
    monkeypatch.setattr(Hub, "switch", switches.append)

    frame("x" * 100_000)
    queue = Outbox(SimpleNamespace(sockets={}))

    written: list[bytes] = []
    engine = SimpleNamespace(upgraded=True, upgrading=False, closed=False)
    queue.ws = SimpleNamespace(engine=engine, push=written.append)

    queue.put(Packet(MESSAGE, "2[1]"))
    assert written == [frame("42[1]")]
    queue.put(Packet(PING))
    assert queue.qsize() == 1, "pings go through the queue, or engineio closes it"
    queue.put(Packet(MESSAGE, "2[2]"))
    assert queue.qsize() == 2, "what comes after something waiting must wait, too"
    assert switches == []


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_carries_its_size(size):
    data = frame("x" * size)

    assert data[0] == 0x80 | TEXT
    assert len(data) == size + (2 if size < 126 else 4 if size < 65_536 else 10)
