"""The message `open`: limits, shape, rights, then into the room with all that the tab lacks."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.collab import presence
from portal.collab.bodies import Body
from portal.collab.protocol import CLIENT_KEY, MAX_OPEN, NAMESPACE, PROTO, SCHEMA, MalformedError, whole_number
from portal.collab.rooms import Line
from portal.collab.sockets.engines import bound_engine
from portal.collab.sockets.entering import admitted, enter
from portal.live import namespaces
from portal.live.namespaces import Refused
from portal.live.peers import Peer

Answer = dict[str, Any]


@namespaces.on("open", namespace=NAMESPACE, mode="bare")
def open_document(peer: Peer, data: dict[str, Any]) -> Answer:
    """Into the document's room, with everything that the tab does not have yet."""
    if not peer.memory["opens"].take():
        raise Refused("rate", _("Too many texts opened at once. Wait a moment."), retry=2)
    engine, (document_id, since, epoch) = bound_engine(), _checked_open(data)
    lines: dict[int, Line] = peer.memory["lines"]
    if len(lines) >= MAX_OPEN and document_id not in lines:
        raise Refused("rate", _("Too many texts are open in this tab."), retry=30)
    engine.start()
    line, rights_seq = admitted(engine.app, peer, document_id, data["client_key"])
    room = engine.rooms.hold(document_id)
    try:
        engine.hear(room)
        line, body = enter(engine, room, line, rights_seq, (since, epoch))
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


def _opened(line: Line, body: Body, people: list[presence.Entry]) -> Answer:
    answer: Answer = {
        "seq": body.seq,
        "epoch": body.epoch,
        "role": line.role,
        "standing": line.standing,
        "me": line.me,
        "people": people,
    }
    if body.framed is not None:
        return {**answer, "body": body.framed}
    return {**answer, "url": f"/documents/{line.document_id}/state?seq={body.seq}"}
