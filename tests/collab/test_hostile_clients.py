"""A hostile member beside two who write, on real server processes: these must hardly notice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from pycrdt import XmlFragment, XmlText

from tests.collab.hostile import Deaf, Hostile, heard_after, typed
from tests.collab.mutants import Writing, mutants
from tests.collab.servers import Servers, serving
from tests.collab.test_hostile_updates import MUTANTS, SEED, in_node, passes
from tests.live.processes import BINARY, Bare
from tests.waiting import eventually

pytestmark = pytest.mark.processes

MESSAGES = 4_000
GROUPS = 400  # of mutants that are sent after one opening, those that the gate lets pass first
MAX_SECONDS = 3.0


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("h"), "hostile_clients", servers=1) as running:
        yield running


def test_four_thousand_messages_at_once_harm_nobody_else(servers: Servers):
    make = servers.make
    lead = make.leader("Ana")
    application = make.application(lead)
    document = application.sections[0].document_id
    people = [make.colleague(name, organisation=lead.membership.organisation) for name in ("Ben", "Eve")]
    for person in people:
        make.participant(application, person)
    here, there = servers.tab(lead, document, 0), servers.tab(people[0], document, 0, "polling")
    with here.doc.transaction():
        here.doc.get("body", type=XmlFragment).children[0].children.append(XmlText("Start "))
    here.n += 1
    here.sent[here.n] = here.updates.pop()
    here.send(here.n)
    eventually(lambda: there.text == "Start ", "the first word")
    before = memory_of(servers.worker(0))

    host = f"localhost:{servers.ports[0]}"
    server = SimpleNamespace(port=servers.ports[0], host=host, origin=f"http://{host}")
    hostile = Bare(server, SimpleNamespace(cookies=servers.cookie_of(people[1]))).open("/doc")
    sending = threading.Thread(target=flood, args=(hostile, document))
    sending.start()
    waits = []
    for number in range(10):
        begun = time.monotonic()
        here.write(f"{number} ")
        eventually(lambda number=number: there.text.endswith(f"{number} "), "the word of the other")
        waits.append(time.monotonic() - begun)
    hostile.end()
    sending.join()

    assert max(waits) < MAX_SECONDS, waits
    assert memory_of(servers.worker(0)) - before < 100_000_000
    assert servers.tab(lead, document, 0).text == there.text == "Start " + "".join(f"{number} " for number in range(10))
    assert "Traceback" not in servers.logs(), servers.logs()
    for tab in (here, there):
        tab.client.disconnect()


@pytest.fixture
def scene(servers: Servers) -> Iterator[SimpleNamespace]:
    """A text in which Ana (WebSocket) and Ben (polling) write beside Eve."""
    make = servers.make
    ana = make.leader("Ana")
    application = make.application(ana)
    document = application.sections[0].document_id
    ben, eve = (make.colleague(name, organisation=ana.membership.organisation) for name in ("Ben", "Eve"))
    for person in (ben, eve):
        make.participant(application, person)
    tabs = [Deaf(servers, ana, document, "websocket"), Deaf(servers, ben, document, "polling")]
    scene = SimpleNamespace(document=document, ana=ana, tabs=tabs, hostile=Hostile(servers, eve, document))
    yield scene
    scene.hostile.end()
    for tab in tabs:
        tab.client.disconnect()


def beside(scene: SimpleNamespace, work: Callable[[], None]) -> tuple[list[str], float]:
    """Let the two write to each other until the hostile `work` is done. Returns their words and the longest wait."""
    failed: list[BaseException] = []

    def working() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    hostile = threading.Thread(target=working)
    hostile.start()
    words, waits = [], []
    while hostile.is_alive() or len(words) < 5:
        words.append(f"word {len(words)} of ours")
        waits.append(heard_after(*scene.tabs[:: 1 if len(words) % 2 else -1], words[-1]))
    hostile.join()
    assert not failed, failed
    return words, max(waits)


def test_twenty_thousand_mutants_over_the_wire_harm_nobody_else(servers: Servers, scene: SimpleNamespace, tmp_path):
    written = Writing()
    made = list(mutants(written.updates, MUTANTS, SEED))
    good = [mutant for mutant in made if passes(mutant)]
    bad = [mutant for mutant in made if not passes(mutant)]
    groups = [good[number::GROUPS] + bad[number::GROUPS] for number in range(GROUPS)]
    scene.hostile.sent(scene.hostile.line(), written.updates)
    assert scene.hostile.answers == {"saved": len(written.updates)}
    scene.hostile.answers.clear()
    before = memory_of(servers.worker(0))

    words, wait = beside(scene, lambda: attack(scene.hostile, groups))

    answers = scene.hostile.answers
    assert answers.total() == MUTANTS
    assert answers.keys() <= {"saved", "reset", "malformed", "gone", "rate"}, answers
    assert answers["saved"] > 500, answers
    assert answers["malformed"] > len(bad) / 2, answers
    assert wait < MAX_SECONDS
    assert memory_of(servers.worker(0)) - before < 100_000_000
    eventually(lambda: not servers.reading(scene.document).is_behind, "the reading of all of it")
    assert all(word in servers.reading(scene.document).text for word in words)
    fresh = Deaf(servers, scene.ana, scene.document, "websocket")
    assert in_node(tmp_path, fresh.body), "the editor's own Yjs opens the whole"
    fresh.client.disconnect()
    assert "Traceback" not in servers.logs(), servers.logs()


def attack(hostile: Hostile, groups: list[list[bytes]]) -> None:
    """Four openings a socket, within its pace, and two sockets at a time."""
    waiting = [groups[start : start + 4] for start in range(0, len(groups), 4)]

    def one_after_the_other() -> None:
        while waiting:
            line, theirs = hostile.line(), waiting.pop()
            for group in theirs:
                hostile.sent(line, group)
            line.end()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(one_after_the_other) for _ in range(2)]:
            done.result()


def test_four_thousand_edits_in_one_write_are_each_saved_or_refused(servers: Servers, scene: SimpleNamespace):
    before = memory_of(servers.worker(0))
    edits = typed(MESSAGES)

    words, wait = beside(scene, lambda: scene.hostile.sent(scene.hostile.line(), edits))

    answers = scene.hostile.answers
    assert answers.total() == MESSAGES
    assert answers.keys() == {"saved", "rate"}, answers
    assert 200 <= answers["saved"] < MESSAGES / 2, answers
    assert wait < MAX_SECONDS
    assert memory_of(servers.worker(0)) - before < 100_000_000
    eventually(lambda: not servers.reading(scene.document).is_behind, "the reading of all of it")
    text = servers.reading(scene.document).text
    assert text.count("z") == answers["saved"], "what was answered saved, and nothing else"
    assert all(word in text for word in words)
    assert "Traceback" not in servers.logs(), servers.logs()


def flood(line: Bare, document: int) -> None:
    """Openings, edits, carets, unknown events and unknown namespaces; nobody reads the answers."""
    opening = {"d": document, "proto": 1, "schema": 1, "since": -1, "epoch": 0, "client_key": "0123456789abcdef"}
    try:
        for number in range(MESSAGES // 5):
            edit = {"d": document, "n": number + 1, "update": {"_placeholder": True, "num": 0}}
            line.send(event("open", opening))
            line.send("451-" + event("edit", edit)[2:])
            line.send(b"\x01nonsense", BINARY)
            line.send(event("presence", {"d": document, "anchor": {"__proto__": "<b>"}, "head": None}))
            line.send(event("__proto__", {"deep": [[[]]]}))
            line.send('42/nowhere,["open",{}]')
    except OSError:
        return  # it was hung up on


def event(name: str, data: object) -> str:
    return f"42/doc,{json.dumps([name, data])}"


def memory_of(process: int) -> int:
    """Resident bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
