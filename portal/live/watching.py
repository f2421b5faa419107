"""Who watches which stream in this process: asking, leaving, being put out, being told to ask again."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.exceptions import Forbidden, NotFound

from portal.extensions import db
from portal.live import control, history, rooms, streams
from portal.live.namespaces import Refused, user_of
from portal.live.peers import Peer, peers

MAX_STREAMS = 200  # that one socket may watch


class _Rechecks:
    count = 0


def watch(peer: Peer, name: str) -> None:
    """Let the peer watch the stream, if its gate lets the person through now. Raises what the gate raises."""
    while True:
        before = _Rechecks.count
        try:
            judge(user_of(peer), name)
        except Exception:
            unwatch(peer, name)
            raise
        finally:
            db.session.rollback()
        if before == _Rechecks.count:  # else the rights may have changed after we read them
            break
    if name not in peer.streams and len(peer.streams) >= MAX_STREAMS:
        raise Refused("too_many", _("This page watches too many things at once."))
    rooms.join(peer, name)
    peer.streams.add(name)


def judge(user: Any, name: str) -> None:
    """Ask the stream's gate. Raises NotFound, Forbidden."""
    gate, number = streams.parse(name)
    gate(user, number)


def unwatch(peer: Peer, name: str) -> None:
    rooms.leave(peer, name)
    peer.streams.discard(name)


def put_out(peer: Peer, name: str) -> None:
    """The peer watches no longer, and is told to ask again."""
    unwatch(peer, name)
    rooms.emit(peer, "recheck", {"stream": name})


def rejudge(peer: Peer) -> None:
    """Judge everything that the peer watches. Raises Refused when the person is signed out."""
    user = user_of(peer)
    for name in sorted(peer.streams):
        try:
            judge(user, name)
        except (NotFound, Forbidden):
            put_out(peer, name)


@control.order("recheck")
def _recheck(message: dict[str, Any]) -> None:
    _Rechecks.count += 1
    for peer in rooms.in_room(message["stream"], "/"):
        put_out(peer, message["stream"])


@control.order("resync")
def _resync(message: dict[str, Any]) -> None:
    """Watchers stay, but ask what they missed."""
    rooms.emit_room(message["stream"], "recheck", {"stream": message["stream"]}, namespace="/")


@control.order("stream")
def _deliver(message: dict[str, Any]) -> None:
    place = history.Place(message["generation"], message["seq"])
    streams.deliver(message["stream"], place, message["html"])


def catch_all_up() -> None:
    """Redis is back: what was published meanwhile is unknown, so everybody asks."""
    for name in history.forget_unnumbered():
        control.elsewhere("resync", stream=name)
    for name in watched():
        _resync({"stream": name})


def watched() -> set[str]:
    """The streams that somebody in this process watches."""
    return {name for peer in peers for name in peer.streams}
