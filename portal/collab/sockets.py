"""The namespace `/doc` (`protocol` has every message): limits first, then shape, then rights, then the writer.

The handlers are bare: each opens the contexts that it needs, and an edit needs none.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from portal.access import found
from portal.collab import log as doc_log
from portal.collab import policy, presence
from portal.collab.bodies import Body, body_since
from portal.collab.engine import Engine
from portal.collab.protocol import (
    CLIENT_KEY,
    EDITS_A_SECOND,
    EDITS_BURST,
    MAX_OPEN,
    MAX_UPDATE,
    NAMESPACE,
    OPENS_A_SECOND,
    OPENS_BURST,
    PRESENCE_A_SECOND,
    PRESENCE_BURST,
    PROTO,
    SCHEMA,
    MalformedError,
    check_update,
    whole_number,
)
from portal.collab.rooms import Edit, Line, Room
from portal.extensions import socketio
from portal.live import namespaces
from portal.live.limits import Bucket
from portal.live.namespaces import Refused, user_of
from portal.live.peers import Peer, peers
from portal.transaction import reading

Answer = dict[str, Any]

FREE_TRIES = 2  # at reading what a newcomer lacks without keeping others waiting


_engines: dict[object, Engine] = {}


def bind(app: Flask, engine: Engine) -> None:
    """Let the messages that reach this application's Socket.IO server end in its engine."""
    _engines[app.extensions["socketio_server"]] = engine


def _engine() -> Engine:
    """The engine behind the server of this process (tests make several applications)."""
    return _engines[socketio.server]


@namespaces.connected(NAMESPACE)
def _welcome(peer: Peer) -> None:
    peer.memory.update(
        lines={},
        edits=Bucket(EDITS_A_SECOND, EDITS_BURST),
        opens=Bucket(OPENS_A_SECOND, OPENS_BURST),
        moves=Bucket(PRESENCE_A_SECOND, PRESENCE_BURST),
    )


@namespaces.disconnected(NAMESPACE)
def _leave_all(peer: Peer) -> None:
    for line in peer.memory.pop("lines", {}).values():
        _engine().leave(line)


# open


@namespaces.on("open", namespace=NAMESPACE, mode="bare")
def open_document(peer: Peer, data: dict[str, Any]) -> Answer:
    """Into the document's room, with everything that the tab does not have yet."""
    if not peer.memory["opens"].take():
        raise Refused("rate", _("Too many texts opened at once. Wait a moment."), retry=2)
    engine, (document_id, since, epoch) = _engine(), _checked_open(data)
    lines: dict[int, Line] = peer.memory["lines"]
    if len(lines) >= MAX_OPEN and document_id not in lines:
        raise Refused("rate", _("Too many texts are open in this tab."), retry=30)
    engine.start()
    line, rights_seq = _admitted(engine.app, peer, document_id, data["client_key"])
    room = engine.rooms.hold(document_id)
    try:
        engine.hear(room)
        line, body = _enter(engine, room, line, rights_seq, (since, epoch))
    except BaseException:
        engine.rooms.release(room)
        raise
    return _opened(line, body, engine.presence.people(room))


def _checked_open(data: dict[str, Any]) -> tuple[int, int, int]:
    try:
        document_id = whole_number(data.get("d"), 1)
        proto, schema = whole_number(data.get("proto"), 0), whole_number(data.get("schema"), 0)
        since, epoch = whole_number(data.get("since"), -1), whole_number(data.get("epoch", 0), 0)
    except MalformedError:
        raise Refused("malformed", _("The portal could not read that message.")) from None
    if not isinstance(data.get("client_key"), str) or not CLIENT_KEY.fullmatch(data["client_key"]):
        raise Refused("malformed", _("The portal could not read that message."))
    if proto != PROTO:
        raise Refused("proto", _("This page is out of date. Reload it."))
    if schema != SCHEMA:
        raise Refused("schema", _("This page is out of date. Reload it."))
    return document_id, since, epoch


def _admitted(app: Flask, peer: Peer, document_id: int, client_key: str) -> tuple[Line, int]:
    """The line that this person may have, judged now, and the `rights_seq` it was judged at."""
    with reading(app):
        user = user_of(peer)
        head = doc_log.heads([document_id]).get(document_id)
        rights_seq = head.rights_seq if head else 0
        document, role = policy.access_document(user, document_id)
        last_n = doc_log.last_number(document_id, peer.principal.user_id, client_key)
        return Line(peer, document_id, document.kind, client_key, role, last_n), rights_seq


def _enter(engine: Engine, room: Room, line: Line, rights_seq: int, have: tuple[int, int]) -> tuple[Line, Body]:
    """Read what is missing and join, so that the room's next event follows on what was read.

    Nothing may come between the join and the answer: the answer must reach the browser before the next event.
    """
    for attempt in itertools.count():
        with contextlib.ExitStack() as held:
            if attempt >= FREE_TRIES:  # in a busy text something comes between each time: hold the room for this read
                held.enter_context(room.lock)
            relayed = room.relayed or 0
            body = _read(engine.app, room.document_id, *have)
            held.enter_context(room.lock)
            room.begin(body.seq, body.rights_seq)
            if body.seq < relayed:
                room.rewind(body.seq)
            judged_at = max(room.rights_seq, body.rights_seq)
            # Otherwise a commit was relayed, or rights changed, while we read.
            if (room.relayed or 0) <= body.seq and judged_at <= rights_seq:
                _join(engine, room, line)
                return line, body
        if judged_at > rights_seq:
            line, rights_seq = _admitted(engine.app, line.peer, line.document_id, line.client_key)
    raise AssertionError("itertools.count has no end")


def _join(engine: Engine, room: Room, line: Line) -> None:
    if peers.get(line.peer.sid, NAMESPACE) is not line.peer:
        raise Refused("gone", _("This connection has ended."))  # while we read; nobody would take it out again
    _replace(engine, line)
    room.enter(line)
    engine.presence.note(room, line)


def _replace(engine: Engine, line: Line) -> None:
    """A second `open` of the same tab takes the place of the first, and clears what was refused."""
    lines: dict[int, Line] = line.peer.memory["lines"]
    former = lines.get(line.document_id)
    if former is not None:
        engine.leave(former)
    lines[line.document_id] = line


def _read(app: Flask, document_id: int, since: int, epoch: int) -> Body:
    with reading(app):
        return found(body_since(document_id, since, epoch))


def _opened(line: Line, body: Body, people: list[presence.Entry]) -> Answer:
    answer: Answer = {
        "seq": body.seq,
        "epoch": body.epoch,
        "role": line.role,
        "me": line.me,
        "people": people,
    }
    if body.framed is not None:
        return {**answer, "body": body.framed}
    return {**answer, "url": f"/documents/{line.document_id}/state?seq={body.seq}"}


# edit


@namespaces.on("edit", namespace=NAMESPACE, mode="bare")
def edit(peer: Peer, data: dict[str, Any]) -> None:
    """Limits, shape, header, decoding; then the writer judges the rights and answers `saved` or `refused`."""
    engine = _engine()
    try:
        document_id, n = whole_number(data.get("d"), 1), whole_number(data.get("n"), 1)
    except MalformedError:
        engine.tell_refused(peer, None, None, "malformed")
        return
    line: Line | None = peer.memory["lines"].get(document_id)
    if line is None:
        engine.tell_refused(peer, document_id, n, "gone")
        return
    code = line.refused or _objection(peer, line, n, data.get("update"))
    if code:
        engine.refuse(line, n, code)
        return
    _submit(engine, line, n, data["update"])


def _objection(peer: Peer, line: Line, n: int, update: object) -> str:
    if not peer.memory["edits"].take():
        return "rate"
    if not isinstance(update, bytes):
        return "malformed"
    if len(update) > MAX_UPDATE:
        return "too_large"
    if n > line.last_n + 1:
        # Within a line the numbers between were dropped on the way, by a limit in front of us: sending again helps.
        # After `open` a tab begins with the oldest that it has: those before are lost, and this one has no ground.
        return "rate" if line.has_begun else "malformed"
    return ""


def _submit(engine: Engine, line: Line, n: int, update: bytes) -> None:
    try:
        header = check_update(update)
    except MalformedError:
        engine.refuse(line, n, "malformed")
        return
    line.last_n, line.has_begun = max(n, line.last_n), True
    if not engine.submit(Edit(line, n, update, header.client)):
        engine.refuse(line, n, "rate")


# presence, close


@namespaces.on("presence", namespace=NAMESPACE, mode="bare")
def note_presence(peer: Peer, data: dict[str, Any]) -> None:
    """Where this tab's caret is. Too many are dropped without a word: the next one says it all."""
    if not peer.memory["moves"].take():
        return
    try:
        document_id = whole_number(data.get("d"), 1)
        anchor, head = presence.checked(data)
    except MalformedError:
        raise Refused("malformed", _("The portal could not read that message.")) from None
    line: Line | None = peer.memory["lines"].get(document_id)
    engine = _engine()
    room = engine.rooms.get(document_id)
    if line is None or room is None:
        raise Refused("gone", _("This text is not open in this tab."))
    engine.presence.note(room, line, anchor, head)
    if not engine.is_running:
        engine.presence.flush()


@namespaces.on("close", namespace=NAMESPACE, mode="bare")
def close(peer: Peer, data: dict[str, Any]) -> None:
    """Out of the document's room."""
    document_id = data.get("d")
    line: Line | None = peer.memory["lines"].pop(document_id, None) if isinstance(document_id, int) else None
    if line is not None:
        _engine().leave(line)
