"""A tab over a real connection to a real server process; what it hears is taken in by the test's own thread."""

from __future__ import annotations

import queue
import secrets
import time
from typing import Any

import engineio
import requests
import socketio
from pycrdt import Doc, XmlFragment

from portal.collab.protocol import PROTO, SCHEMA, unframe
from portal.richtext import document as richtext


class _InOrder(engineio.Client):
    """The stock one handles every packet in a thread of its own, so that bytes overtake the event they belong to."""

    def _trigger_event(self, event: str, *arguments: Any, **_options: Any) -> Any:
        return super()._trigger_event(event, *arguments, run_async=False)


class _Client(socketio.Client):
    def _engineio_client_class(self) -> type[engineio.Client]:
        return _InOrder


class RemoteTab:
    """`seq` is what it has. `gaps` counts stretches that did not follow on it; each is asked for again."""

    def __init__(self, address: str, cookie: str, document_id: int, *, transports: list[str]) -> None:
        self.document_id, self.address, self.cookie = document_id, address, cookie
        self.doc: Doc[Any] = Doc()
        self.updates: list[bytes] = []
        self.sent: dict[int, bytes] = {}
        self._watching = self.doc.observe(lambda event: self.updates.append(event.update))
        self.key = secrets.token_hex(16)
        self.n = self.seq = self.epoch = self.saved = self.gaps = 0
        self.refused: list[str] = []
        self.people: dict[str, Any] = {}
        self.inbox: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.transports = transports
        self.connect()
        self.open(-1)

    def connect(self) -> None:
        """A new connection; nothing is open on it."""
        headers = {"Cookie": self.cookie, "Origin": self.address}
        session = requests.Session()
        session.headers.update(headers)  # a polling client sends its own headers with the first request only
        self.client = _Client(
            reconnection=False, http_session=session, websocket_extra_options={"suppress_origin": True}
        )
        for event in ("saved", "edits", "refused", "presence", "role"):
            self.client.on(event, self._keeper(event), namespace="/doc")
        where = {"namespaces": ["/doc"], "transports": self.transports}
        self.client.connect(self.address, headers=headers, wait_timeout=20, **where)

    def _keeper(self, event: str) -> Any:
        return lambda data: self.inbox.put((event, data))

    def open(self, since: int) -> None:
        question = {"d": self.document_id, "proto": PROTO, "schema": SCHEMA, "since": since, "epoch": self.epoch}
        answer = self.client.call("open", {**question, "client_key": self.key}, namespace="/doc", timeout=20)
        assert answer["ok"], answer
        self.apply(answer["body"] if "body" in answer else self.fetched(answer["url"]))
        self.seq, self.epoch, self.me = answer["seq"], answer["epoch"], answer["me"]
        self.people = {person["me"]: person for person in answer["people"]}

    def fetched(self, url: str) -> bytes:
        """A body that is too long for a message; it may reach further than the answer says."""
        answer = requests.get(self.address + url, headers={"Cookie": self.cookie}, timeout=30)
        answer.raise_for_status()
        return answer.content

    def apply(self, framed: bytes) -> None:
        for update in unframe(framed):
            self.doc.apply_update(update)
        self.updates.clear()

    def write(self, text: str) -> None:
        with self.doc.transaction():
            node = self.doc.get("body", type=XmlFragment).children[0].children[0]
            node.insert(len(str(node).encode()), text)
        self.n += 1
        self.sent[self.n] = self.updates.pop()
        self.send(self.n)

    def send(self, n: int) -> None:
        self.client.emit("edit", {"d": self.document_id, "n": n, "update": self.sent[n]}, namespace="/doc")

    def send_what_is_missing(self) -> None:
        """A second after a refusal for pace: open anew, and everything that is not acknowledged goes again."""
        if not self.hear().refused:
            self.refused_at = time.monotonic()
        elif time.monotonic() - self.refused_at > 1:
            self.open(self.seq)
            self.hear().refused.clear()  # of the line before
            for n in range(self.saved + 1, self.n + 1):
                self.send(n)

    def hear(self) -> RemoteTab:
        while True:
            try:
                event, data = self.inbox.get_nowait()
            except queue.Empty:
                return self
            getattr(self, f"_{event}")(data)

    def _saved(self, data: dict[str, Any]) -> None:
        self.saved = max(self.saved, data["n"])

    def _refused(self, data: dict[str, Any]) -> None:
        self.refused.append(data["code"])

    def _role(self, data: dict[str, Any]) -> None:
        self.role = data["role"]

    def _presence(self, data: dict[str, Any]) -> None:
        self.people.update({person["me"]: person for person in data["people"]})
        for me in data["left"]:
            self.people.pop(me, None)

    def _edits(self, data: dict[str, Any]) -> None:
        if data["to_seq"] <= self.seq:
            return
        if data["from_seq"] > self.seq + 1:
            self.gaps += 1
            self.open(self.seq)
            return
        self.apply(data["updates"])
        self.seq = data["to_seq"]

    @property
    def text(self) -> str:
        return richtext.plain_text(richtext.read(self.hear().doc.get("body", type=XmlFragment)))
