"""Into a document's room: judge, read what is missing, and join with nothing in between."""

from __future__ import annotations

import contextlib
import itertools

from flask import Flask
from flask_babel import lazy_gettext as _

from portal.access import found
from portal.collab import log as doc_log
from portal.collab import policy
from portal.collab.bodies import Body, body_since
from portal.collab.engine import Engine
from portal.collab.protocol import NAMESPACE
from portal.collab.rooms import Line, Room
from portal.collab.standings import standing
from portal.live.namespaces import Refused, user_of
from portal.live.peers import Peer, peers
from portal.transaction import reading

FREE_TRIES = 2  # at reading what a newcomer lacks without keeping others waiting


def admitted(app: Flask, peer: Peer, document_id: int, client_key: str) -> tuple[Line, int]:
    """The line that this person may have, judged now, and the `rights_seq` it was judged at."""
    with reading(app):
        user = user_of(peer)
        head = doc_log.heads([document_id]).get(document_id)
        rights_seq = head.rights_seq if head else 0
        document, role = policy.access_document(user, document_id)
        last_n = doc_log.last_number(document_id, peer.principal.user_id, client_key)
        state = standing([document_id])[document_id].state
        return Line(peer, document_id, document.kind, client_key, role, state, last_n=last_n), rights_seq


def enter(engine: Engine, room: Room, line: Line, rights_seq: int, have: tuple[int, int]) -> tuple[Line, Body]:
    """Read what is missing and join, so that the room's next event follows on what was read.

    Nothing may come between the join and the answer: the answer must reach the browser before the next event.
    """
    for attempt in itertools.count():
        with contextlib.ExitStack() as held:
            if attempt >= FREE_TRIES:  # in a busy text something comes between each time: hold the room for this read
                held.enter_context(room.lock)
            relayed = room.relayed or 0
            body = _read(engine.app, line, *have)
            held.enter_context(room.lock)
            room.begin(body.seq, body.epoch, body.rights_seq)
            engine.renew(room, body.seq, body.epoch)
            if body.seq < relayed and body.epoch == room.epoch:
                room.rewind(body.seq)
            judged_at = max(room.rights_seq, body.rights_seq)
            # Otherwise a commit was relayed, rights changed, or another epoch began, while we read.
            if (room.relayed or 0) <= body.seq and judged_at <= rights_seq and body.epoch == room.epoch:
                # Edits are made on what the tab says that it has: one that does not look at the answer is refused.
                line.epoch = have[1] or body.epoch
                _join(engine, room, line)
                return line, body
        if judged_at > rights_seq:
            line, rights_seq = admitted(engine.app, line.peer, line.document_id, line.client_key)
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


def _read(app: Flask, line: Line, since: int, epoch: int) -> Body:
    with reading(app):
        return found(body_since(line.document_id, since, epoch, role=line.role))
