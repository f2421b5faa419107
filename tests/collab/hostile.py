"""Somebody who sends what they like, and people who write beside them without taking in what they hear."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.accounts.models import User
from portal.collab.protocol import unframe
from tests.collab.remote import RemoteTab
from tests.collab.servers import Servers
from tests.live.processes import BINARY, TEXT, Bare
from tests.waiting import eventually


def paragraph(text: str) -> bytes:
    """The update of a newcomer who adds one block."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    watching = doc.observe(lambda event: updates.append(event.update))
    assert watching
    with doc.transaction():
        block = doc.get("body", type=XmlFragment).children.append(XmlElement("block", {"kind": "p", "indent": 0}))
        block.children.append(XmlText(text))
    return updates.pop()


def typed(count: int) -> list[bytes]:
    """The updates of somebody who adds a paragraph and types a letter each."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    watching = doc.observe(lambda event: updates.append(event.update))
    assert watching
    with doc.transaction():
        block = doc.get("body", type=XmlFragment).children.append(XmlElement("block", {"kind": "p", "indent": 0}))
        text = block.children.append(XmlText("z"))
    while len(updates) < count:
        text.insert(0, "z")
    return updates


class Deaf(RemoteTab):
    """A tab that keeps what it hears in `heard` and applies nothing: poison would end the test's own process.

    `body` is what it was sent last: after opening, the whole text.

    Put out by a `reset` or a refusal, it opens anew and says again what was not acknowledged.
    """

    def __init__(self, servers: Servers, user: User, document_id: int, transport: str) -> None:
        self.heard: set[bytes] = set()
        self.waiting: bytes | None = None
        self.drops = 0
        super().__init__(servers.address(0), servers.cookie_of(user), document_id, transports=[transport])

    def connect(self) -> None:
        super().connect()
        self.client.on("reset", self._keeper("reset"), namespace="/doc")

    def apply(self, framed: bytes) -> None:
        self.body = list(unframe(framed))
        self.heard.update(self.body)

    def hear(self) -> RemoteTab:
        if not self.client.connected:
            self.drops += 1
            self.connect()
            self._begin_anew()
        return super().hear()

    def say(self, update: bytes) -> None:
        self.waiting = update
        self.n += 1
        self.client.emit("edit", {"d": self.document_id, "n": self.n, "update": update}, namespace="/doc")

    def _saved(self, data: dict[str, Any]) -> None:
        if data["n"] == self.n:
            self.waiting = None

    def _refused(self, data: dict[str, Any]) -> None:
        super()._refused(data)
        self._begin_anew()

    def _reset(self, _data: dict[str, Any]) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.key, self.n, self.epoch = secrets.token_hex(16), 0, 0
        self.open(-1)
        if self.waiting is not None:
            self.say(self.waiting)


def heard_after(speaker: Deaf, listener: Deaf, text: str) -> float:
    """Seconds from sending a new paragraph until the other has it and its writer was told that it is saved."""
    update, begun = paragraph(text), time.monotonic()
    speaker.say(update)

    def is_heard() -> bool:
        speaker.hear()
        listener.hear()
        return update in listener.heard and speaker.waiting is None

    eventually(is_heard, f"{text} at the other's")
    return time.monotonic() - begun


class Hostile:
    """One member with as many bare sockets as they like. `answers` counts what became of each edit."""

    def __init__(self, servers: Servers, user: User, document_id: int) -> None:
        host = f"localhost:{servers.ports[0]}"
        self.server: Any = SimpleNamespace(port=servers.ports[0], host=host, origin=f"http://{host}")
        self.tab: Any = SimpleNamespace(cookies=servers.cookie_of(user))
        self.document_id = document_id
        self.answers: Counter[str] = Counter()
        self.lines: list[Bare] = []

    def line(self) -> Bare:
        self.lines.append(Bare(self.server, self.tab).open("/doc"))
        return self.lines[-1]

    def end(self) -> None:
        for line in self.lines:
            line.end()

    def sent(self, line: Bare, updates: list[bytes]) -> None:
        """Open the text with a new key and send all of these in one write, then hear what became of each."""
        opening = {"d": self.document_id, "proto": 1, "schema": 1, "since": -1, "epoch": 0}
        opening["client_key"] = secrets.token_hex(16)
        frames = [line.framed(f"42/doc,1{json.dumps(['open', opening])}")]
        for n, update in enumerate(updates, 1):
            edit = {"d": self.document_id, "n": n, "update": {"_placeholder": True, "num": 0}}
            frames += [line.framed(f"451-/doc,{json.dumps(['edit', edit])}"), line.framed(update, BINARY)]
        writing = threading.Thread(target=line.socket.sendall, args=(b"".join(frames),))
        writing.start()
        self.answers.update(judged(line, len(updates)))
        writing.join()


def judged(line: Bare, count: int) -> list[str]:
    """What was said of each of the edits 1 to `count`, in any order: "saved", "reset" or the code of the refusal."""
    saved, refused = 0, dict[int, str]()
    while len(refused) + sum(n not in refused for n in range(1, saved + 1)) < count:
        got = line.receive()
        assert got is not None, f"hung up on with {saved} saved and {len(refused)} refused"
        if got == (TEXT, b"2"):
            line.send("3")
        elif got[0] == TEXT and got[1].startswith(b'42/doc,["saved"'):
            saved = json.loads(got[1][7:])[1]["n"]
        elif got[0] == TEXT and got[1].startswith(b'42/doc,["refused"'):
            said = json.loads(got[1][7:])[1]
            refused[said["n"]] = said["code"]
        elif got[0] == TEXT and got[1].startswith(b'42/doc,["reset"'):
            break  # whatever waits in the writer's queue belongs to a text that is no more
    is_saved = [n for n in range(1, saved + 1) if n not in refused]
    return [*refused.values(), *["saved"] * len(is_saved), *["reset"] * (count - len(refused) - len(is_saved))]
