"""From an event to the sockets of a room: framed once, written directly where nothing waits before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gevent
import gevent.queue
import socketio
from engineio.packet import MESSAGE, Packet

from portal.web.wire.frames import frame
from portal.web.wire.websocket import MAX_BEHIND, MAX_FRAMES, WS


class Outbox(gevent.queue.JoinableQueue):  # type: ignore[misc]  # gevent has no types
    """engineio's queue of a socket; a message goes around it when nothing waits and the WebSocket is up.

    Pings must pass through: engineio's writer closes a queue that is silent for too long. Who does not fetch what
    waits (polling on a line that hangs) is disconnected past the bounds of a WebSocket, and catches up anew.
    """

    ws: WS | None = None

    def __init__(self, server: Any) -> None:
        super().__init__()
        self.server = server  # engineio's, which does not say whose queue this is
        self.waiting = 0  # bytes of messages
        self.is_over = False

    def direct(self) -> WS | None:
        """The WebSocket, if what is written to it now keeps the order."""
        ws = self.ws
        if ws is None or self.qsize():
            return None
        engine = ws.engine
        return ws if engine.upgraded and not engine.upgrading and not engine.closed else None

    def put(self, packet: Packet | None, *arguments: Any, **options: Any) -> None:
        if packet is not None and packet.packet_type == MESSAGE:
            if (ws := self.direct()) is not None:
                return ws.push(frame(packet.encode()))
            if not self._takes(packet):
                return
        super().put(packet, *arguments, **options)

    def get(self, *arguments: Any, **options: Any) -> Packet | None:
        packet = super().get(*arguments, **options)
        if packet is not None and packet.packet_type == MESSAGE:
            self.waiting -= len(packet.data)
        return packet

    def _takes(self, packet: Packet) -> bool:
        if self.is_over:
            return False
        if self.waiting > MAX_BEHIND or self.qsize() >= MAX_FRAMES:
            self.is_over = True
            gevent.spawn(self._end)  # later: whoever speaks to the room now is in the middle of it
            return False
        self.waiting += len(packet.data)
        return True

    def _end(self) -> None:
        for engine in list(self.server.sockets.values()):
            if engine.queue is self:
                engine.close(wait=False, abort=True)


class RoomFrames(socketio.Manager):  # type: ignore[misc]  # python-socketio has no types
    """A room's event is encoded and framed once. Also under threads, where nobody is written to directly."""

    def emit(
        self, event: str, data: Any, namespace: str, room: Any = None, skip_sid: Any = None, **options: Any
    ) -> None:
        if options.get("callback"):
            super().emit(event, data, namespace, room=room, skip_sid=skip_sid, **options)
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        self.broadcast(namespace, options.get("to") or room, [event, *arguments], skip_sid)

    def broadcast(self, namespace: str, room: Any, message: list[Any], skip_sid: Any = None) -> None:
        """Send `message` (event and arguments) to the room, but to none of the sids in `skip_sid`."""
        skip = set(skip_sid) if isinstance(skip_sid, list) else {skip_sid}
        members = [(sid, engine) for sid, engine in self.get_participants(namespace, room) if sid not in skip]
        if not members:
            return
        packet = self.server.packet_class(socketio.packet.EVENT, namespace=namespace, data=message)
        encoded = packet.encode()
        parts = encoded if isinstance(encoded, list) else [encoded]
        # engineio caches one encoding in a packet, and a text message needs its "4".
        wire = b"".join(frame(Packet(MESSAGE, part).encode()) for part in parts)
        for _sid, engine_id in members:
            self._deliver(engine_id, wire, parts)

    def _deliver(self, engine_id: str, wire: bytes, parts: Iterable[str | bytes]) -> None:
        engine = self.server.eio.sockets.get(engine_id)
        queue = getattr(engine, "queue", None)
        ws = queue.direct() if isinstance(queue, Outbox) else None
        if ws is not None:
            return ws.push(wire)
        for part in parts:
            # A packet of its own for each: polling wants base64, a shared one keeps the first encoding.
            self.server._send_eio_packet(engine_id, Packet(MESSAGE, part))
