"""What a handler does with sockets of this process: speak to one, speak to a room, put in, put out.

Nothing here crosses to other processes; see `relay` and `control` for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.extensions import socketio
from portal.live.peers import Peer, peers


def emit(peer: Peer, event: str, *arguments: Any) -> None:
    """Send an event to one socket. Bytes among the arguments go as they are."""
    emit_room(peer.sid, event, *arguments, namespace=peer.namespace)


def emit_room(room: str | list[str], event: str, *arguments: Any, namespace: str, skip: Iterable[str] = ()) -> None:
    """Send an event to everybody in the room but the sids in `skip`: framed once, written to each.

    `room` may be several; a sid is one, too.
    """
    socketio.server.manager.emit(event, arguments, namespace, room=room, skip_sid=list(skip))


def join(peer: Peer, room: str) -> None:
    """Put the socket into the room (again: no change); one that just left is ignored."""
    if peers.get(peer.sid, peer.namespace) is peer:
        socketio.server.manager.basic_enter_room(peer.sid, peer.namespace, room)


def leave(peer: Peer, room: str) -> None:
    socketio.server.manager.basic_leave_room(peer.sid, peer.namespace, room)


def in_room(room: str, namespace: str) -> list[Peer]:
    """The peers of this process in the room."""
    sids = [sid for sid, _ in socketio.server.manager.get_participants(namespace, room)]
    return [peer for sid in sids if (peer := peers.get(sid, namespace)) is not None]


def is_polling(peer: Peer) -> bool:
    """Whether the socket speaks by long-polling, so that it should get batches."""
    engine = socketio.server.eio.sockets.get(peer.engine_id)
    return engine is not None and not engine.upgraded


def is_slow(peer: Peer) -> bool:
    """Whether the socket should hear less often: it polls, or has not taken all that was written to it."""
    engine = socketio.server.eio.sockets.get(peer.engine_id)
    if engine is None:
        return False
    ws = getattr(engine.queue, "ws", None)
    return not engine.upgraded or (ws is not None and ws.behind > 0)


def close(peer: Peer) -> None:
    """End the whole connection, telling the browser that it was meant (it does not reconnect by itself)."""
    for other in peers:
        if other.engine_id == peer.engine_id:
            socketio.server.disconnect(other.sid, other.namespace, ignore_queue=True)
    engine = socketio.server.eio.sockets.get(peer.engine_id)
    if engine is not None:
        engine.close(wait=False)
