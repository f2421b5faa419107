"""A browser tab in a shared document: a real Yjs document, our protocol, nothing more."""

from __future__ import annotations

import secrets
from typing import Any

from flask_socketio import SocketIOTestClient
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.collab.protocol import PROTO, SCHEMA, unframe
from portal.richtext import document as richtext


class Tab:
    """Opens, types, hears. `seq` is what it has; what it was told waits in `saved`, `refused`, `events`."""

    def __init__(self, socket: SocketIOTestClient, document_id: int, **opening: Any) -> None:
        self.socket, self.document_id = socket, document_id
        self._begin()
        self.saved: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.answer = self.open(**opening)

    def _begin(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.updates: list[bytes] = []
        self._watching = self.doc.observe(lambda event: self.updates.append(event.update))
        self.key = secrets.token_hex(16)
        self.n = self.seq = self.epoch = 0

    def begin_anew(self, **opening: Any) -> Tab:
        """What a browser does after `reset`: another document, another key."""
        self.hear()
        self._begin()
        self.open(**opening)
        return self

    def open(self, **changes: Any) -> dict[str, Any]:
        request = {"d": self.document_id, "proto": PROTO, "schema": SCHEMA, "since": -1, "epoch": self.epoch}
        answer = self.socket.emit(
            "open", {**request, "client_key": self.key, **changes}, namespace="/doc", callback=True
        )
        if answer["ok"] and "body" in answer:
            self.apply(answer["body"])
        if answer["ok"]:
            self.seq, self.epoch, self.me = answer["seq"], answer["epoch"], answer["me"]
        self.answer = answer
        return answer

    def apply(self, framed: bytes) -> None:
        for update in unframe(framed):
            self.doc.apply_update(update)
        self.updates.clear()

    @property
    def body(self) -> XmlFragment:
        return self.doc.get("body", type=XmlFragment)

    @property
    def text(self) -> str:
        self.hear()
        return richtext.plain_text(richtext.read(self.body))

    def typed(self, text: str, block: int = 0) -> bytes:
        """Type at the end of a block, here only. Returns the update."""
        with self.doc.transaction():
            children = self.body.children[block].children
            if not len(children):
                children.append(XmlText())
            node = children[0]
            node.insert(len(str(node).encode()), text)
        return self.taken()

    def added(self, text: str) -> bytes:
        """Add a paragraph, here only. Returns the update."""
        with self.doc.transaction():
            block = self.body.children.append(XmlElement("block", {"kind": "p", "indent": 0}))
            block.children.append(XmlText(text))
        return self.taken()

    def taken(self) -> bytes:
        [update] = self.updates
        self.updates.clear()
        return update

    def write(self, text: str) -> int:
        """Type and send. Returns n."""
        return self.send(self.typed(text))

    def send(self, update: Any, n: int | None = None, **extra: Any) -> int:
        if n is None:
            self.n += 1
            n = self.n
        self.socket.emit("edit", {"d": self.document_id, "n": n, "update": update, **extra}, namespace="/doc")
        return n

    def hear(self) -> Tab:
        """Take in what the server sent. Every stretch must follow on what this tab has."""
        for message in self.socket.get_received("/doc"):
            name, [data] = message["name"], message["args"]
            if data.get("d") != self.document_id and data.get("d") is not None:
                continue
            self.events.append((name, data))
            if name == "edits":
                self._hear_edits(data)
            elif name in ("saved", "refused"):
                getattr(self, name).append(data)
        return self

    def _hear_edits(self, data: dict[str, Any]) -> None:
        if data["to_seq"] <= self.seq:
            return
        assert data["from_seq"] <= self.seq + 1, "a stretch is missing"
        updates = list(unframe(data["updates"]))
        assert len(updates) == data["to_seq"] - data["from_seq"] + 1
        self.apply(data["updates"])
        self.seq = data["to_seq"]

    def names(self) -> list[str]:
        return [name for name, _ in self.hear().events]
