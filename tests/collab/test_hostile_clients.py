"""A hostile member beside two who write, on real server processes: these must hardly notice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pycrdt import XmlFragment, XmlText

from tests.collab.servers import Servers, serving
from tests.live.processes import BINARY, Bare
from tests.waiting import eventually

pytestmark = pytest.mark.processes

MESSAGES = 4_000
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
