"""Six megabytes on a slow line, and readers who fall behind: nothing is lost, and nothing comes out of order."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from portal.accounts.models import User
from portal.collab.protocol import unframe
from tests.collab.hostile import Deaf, Hostile, paragraph, typed
from tests.collab.servers import Servers, serving
from tests.live.processes import BINARY, TEXT, Bare, quiet_for
from tests.waiting import eventually

pytestmark = pytest.mark.processes

LETTERS = 249_000  # of one paragraph
AT_ONCE = 24  # of those a tab may send at once
EVENTS = 300


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("slow"), "slow_readers", servers=1) as running:
        yield running


@pytest.fixture
def scene(servers: Servers) -> Iterator[SimpleNamespace]:
    """A text that Ana writes, on a socket of her own, and that Ben reads."""
    ana = servers.make.leader("Ana")
    application = servers.make.application(ana)
    ben = servers.make.colleague("Ben", organisation=ana.membership.organisation)
    servers.make.participant(application, ben)
    document = application.sections[0].document_id
    yield (
        made := SimpleNamespace(ana=ana, ben=ben, document=document, lines=[], writer=Hostile(servers, ana, document))
    )
    made.writer.end()
    for line in made.lines:
        line.end()
    assert "Traceback" not in servers.logs(), servers.logs()


def long_ones(scene: SimpleNamespace, count: int) -> list[bytes]:
    """Write so many paragraphs of 249,000 letters. Returns their updates."""
    updates = [paragraph("y" * LETTERS) for _ in range(count)]
    scene.writer.sent(scene.writer.line(), updates)
    return updates


def opening(document: int, since: int = -1, epoch: int = 0) -> str:
    question = {"d": document, "proto": 1, "schema": 1, "since": since, "epoch": epoch}
    return f"42/doc,1{json.dumps(['open', {**question, 'client_key': secrets.token_hex(16)}])}"


def opened(scene: SimpleNamespace, servers: Servers, *, window: int = 0) -> tuple[Bare, dict[str, Any]]:
    """Ben's bare socket in the text, and the answer."""
    ben = Hostile(servers, scene.ben, scene.document)
    line = Bare(ben.server, ben.tab, window=window).open("/doc")
    scene.lines.append(line)
    line.send(opening(scene.document))
    while True:
        kind, data = line.receive() or (0, b"")
        assert kind, "hung up on"
        if data.startswith((b"43/doc,1", b"461-/doc,1")):
            return line, json.loads(data[data.index(b"[") :])[0]


def stretches(line: Bare, until: int) -> list[tuple[int, int, list[bytes]]]:
    """The edits that arrive, up to `until` or the end of the line."""
    found: list[tuple[int, int, list[bytes]]] = []
    while not found or found[-1][1] < until:
        got = line.receive()
        if got is None:
            break
        if got == (TEXT, b"2"):
            line.send("3")
        elif got[1].startswith(b'451-/doc,["edits"'):
            place = json.loads(got[1][9:])[1]
            body = line.receive()
            if body is None:
                break
            assert body[0] == BINARY
            found.append((place["from_seq"], place["to_seq"], list(unframe(body[1]))))
    return found


def missing(servers: Servers, user: User, document: int, since: int, epoch: int) -> list[bytes]:
    """What somebody is sent who comes back with everything up to `since`."""
    address = f"{servers.address(0)}/documents/{document}/state?since={since}&epoch={epoch}"
    answer = requests.get(address, headers={"Cookie": servers.cookie_of(user)}, timeout=30)
    assert answer.ok
    return list(unframe(answer.content))


def test_six_megabytes_reach_a_slow_line_while_three_hundred_edits_are_written(servers: Servers, scene):
    long = long_ones(scene, AT_ONCE)
    line, answer = opened(scene, servers)
    slow = slowly_asked(servers, scene.ben, answer["url"])
    begun = time.monotonic()
    edits = [update for _ in range(2) for update in written(scene, typed(EVENTS // 2))]
    quiet_for(max(0.0, 3 - (time.monotonic() - begun)))

    head, body = whole(slow)
    assert len(body) > 5_900_000
    had = list(unframe(body))
    assert set(long) <= set(had)
    heard = stretches(line, answer["seq"] + EVENTS)
    assert [first for first, _, _ in heard[1:]] == [last + 1 for _, last, _ in heard[:-1]], "no gap"
    assert heard[0][0] == answer["seq"] + 1
    assert [update for _, _, updates in heard for update in updates] == edits, "whole, in order, once"
    assert int(head["portal-seq"]) >= answer["seq"]


def written(scene: SimpleNamespace, updates: list[bytes]) -> list[bytes]:
    """The same, once each of them is saved."""
    scene.writer.answers.clear()
    scene.writer.sent(scene.writer.line(), updates)
    assert scene.writer.answers == {"saved": len(updates)}
    return updates


def slowly_asked(servers: Servers, user: User, url: str) -> socket.socket:
    """A request whose answer is not read yet, by a kernel that takes in little."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    line.settimeout(30)
    line.connect(("127.0.0.1", servers.ports[0]))
    host, cookie = f"localhost:{servers.ports[0]}", servers.cookie_of(user)
    line.sendall(f"GET {url} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
    return line


def whole(line: socket.socket) -> tuple[dict[str, str], bytes]:
    """Headers and body of the answer, as long as it says that it is."""
    with line, line.makefile("rb") as answer:
        assert b" 200 " in answer.readline()
        head = {}
        while text := answer.readline().decode().strip():
            name, _, value = text.partition(": ")
            head[name.lower()] = value
        return head, answer.read(int(head["content-length"]))


def test_a_reader_far_behind_is_hung_up_on_and_comes_back_without_loss(servers: Servers, scene):
    line, answer = opened(scene, servers, window=16_384)
    updates = long_ones(scene, AT_ONCE) + long_ones(scene, AT_ONCE // 2)  # the kernel takes some megabytes, too

    heard = stretches(line, answer["seq"] + len(updates))
    had = [update for _, _, some in heard for update in some]
    assert len(had) < len(updates), "hung up on in the middle"
    seq = heard[-1][1] if heard else answer["seq"]
    assert had + missing(servers, scene.ben, scene.document, seq, answer["epoch"]) == updates


def test_somebody_who_polls_and_falls_behind_is_ended_and_comes_back_without_loss(servers: Servers, scene):
    poll, headers = polling(servers, scene)
    answer = asked(poll, headers, opening(scene.document))
    updates = long_ones(scene, AT_ONCE // 2)

    def is_over() -> bool:
        return requests.post(poll, data="3", headers=headers, timeout=10).status_code == 400

    begun = time.monotonic()
    eventually(is_over, "the end of the line")
    assert time.monotonic() - begun < 4, "for what waited, not for a ping"
    assert missing(servers, scene.ben, scene.document, answer["seq"], answer["epoch"]) == updates


def polling(servers: Servers, scene: SimpleNamespace) -> tuple[str, dict[str, str]]:
    """Ben inside `/doc` by polling: the address and the headers of his requests."""
    address = servers.address(0)
    headers = {"Cookie": servers.cookie_of(scene.ben), "Origin": address}
    poll = f"{address}/socket.io/?EIO=4&transport=polling"
    poll += "&sid=" + json.loads(requests.get(poll, headers=headers, timeout=10).text[1:])["sid"]
    assert requests.post(poll, data="40/doc,", headers=headers, timeout=10).ok
    assert requests.get(poll, headers=headers, timeout=10).text.startswith("40/doc,")
    return poll, headers


def asked(poll: str, headers: dict[str, str], message: str) -> dict[str, Any]:
    assert requests.post(poll, data=message, headers=headers, timeout=10).ok
    text = requests.get(poll, headers=headers, timeout=10).text.split("\x1e")[0]
    answer: dict[str, Any] = json.loads(text[text.index("[") :])[0]
    return answer


def test_carets_come_once_a_second_to_who_polls(servers: Servers, scene):
    quick, slow = (
        Deaf(servers, user, scene.document, kind) for user, kind in ((scene.ana, "websocket"), (scene.ben, "polling"))
    )
    mover = scene.writer.line()
    mover.send(opening(scene.document))
    heard: dict[str, list[int]] = {"websocket": [], "polling": []}
    for tab, times in zip((quick, slow), heard.values(), strict=True):
        tab.client.on("presence", lambda data, times=times: times.append(last_clock(data)), namespace="/doc")
    begun = time.monotonic()
    clock = 0
    while time.monotonic() - begun < 3.5:
        clock += 1
        caret = {"tname": "body", "item": {"client": 5, "clock": clock}, "assoc": 0}
        mover.send(f"42/doc,{json.dumps(['presence', {'d': scene.document, 'anchor': caret, 'head': caret}])}")
        quiet_for(0.25)
    eventually(lambda: heard["polling"] and heard["polling"][-1] == clock, "the last caret")
    took = time.monotonic() - begun
    assert len(heard["polling"]) <= took + 1
    assert len(heard["websocket"]) > len(heard["polling"]) + 3
    for tab in (quick, slow):
        tab.client.disconnect()


def last_clock(data: dict[str, Any]) -> int:
    return max([person["head"]["item"]["clock"] for person in data["people"] if person.get("head")], default=0)
