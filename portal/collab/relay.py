"""Between processes: one Redis channel a document, raw bytes, in tasks of their own and never in the writer.

Redis is a messenger. What it loses or reorders is read from SQL: a gap after 50 ms, everything else by a sweep every
5 s and as soon as Redis is back. A message is one letter (U edits, P presence, R rights, N a new epoch), the
sender's 8 bytes, body.
"""

from __future__ import annotations

import json
import queue
import secrets
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any

import redis
import structlog
from flask import Flask

from portal.collab import log as doc_log
from portal.collab.protocol import MalformedError, frame, unframe
from portal.collab.rooms import Room, Rooms, Stretch
from portal.extensions import socketio
from portal.transaction import reading, rollback

log = structlog.get_logger(__name__)

CHANNEL = "portal:document:"
IDLE_CHANNEL = b"portal:documents"  # so that the connection is subscribed to something
EDITS, PRESENCE, RIGHTS, RESET = b"U", b"P", b"R", b"N"
PLACE = struct.Struct("<QQ")  # from_seq, epoch

GAP_SECONDS = 0.05
SWEEP_SECONDS = 5.0
AWAY_SECONDS = 0.5
MAX_WAITING = 10_000


class Relay:
    """What this process tells others about its documents, and hears from them."""

    def __init__(
        self,
        app: Flask,
        *,
        on_presence: Callable[[Room, Any], None],
        on_rights: Callable[[int], None],
        on_reset: Callable[[int], None],
    ) -> None:
        self.app = app
        self.me = secrets.token_bytes(8)
        self.rooms: Rooms | None = None
        self.on_presence, self.on_rights, self.on_reset = on_presence, on_rights, on_reset
        self.outbox: queue.Queue[tuple[str, bytes]] = queue.Queue(MAX_WAITING)
        self.pubsub: Any = None
        self.is_running = self.is_away = False
        self.swept_at = 0.0

    # Telling.

    def send(self, kind: bytes, document_id: int, body: bytes = b"") -> None:
        """Hand the message to the publisher. A full queue drops it: SQL knows, and the sweep reads it there."""
        if self.is_running:
            try:
                self.outbox.put_nowait((f"{CHANNEL}{document_id}", kind + self.me + body))
            except queue.Full:
                log.warning("relay_full")

    def send_edits(self, document_id: int, stretch: Stretch) -> None:
        self.send(EDITS, document_id, PLACE.pack(stretch.from_seq, stretch.epoch) + frame(stretch.updates))

    def publish(self) -> None:
        """For ever: send what waits, everything that waits in one round trip."""
        client = self.app.extensions["redis"]
        while True:
            pipeline = client.pipeline(transaction=False)
            for channel, message in self._waiting():
                pipeline.publish(channel, message)
            try:
                pipeline.execute()
            except redis.RedisError:
                log.warning("relay_not_published")
                time.sleep(AWAY_SECONDS)

    def _waiting(self) -> Iterable[tuple[str, bytes]]:
        yield self.outbox.get()
        for _ in range(256):
            try:
                yield self.outbox.get_nowait()
            except queue.Empty:
                return

    # Hearing.

    def subscribe(self, room: Room) -> None:
        """Hear of the document from now on; `room.is_heard` is set when Redis confirmed it."""
        if self.pubsub is None:
            return
        try:
            self.pubsub.subscribe(f"{CHANNEL}{room.document_id}")
        except Exception as error:  # also of two tasks that meet on a line that breaks; the sweep reads what we miss
            log.warning("relay_not_subscribed", error=type(error).__name__)

    def unsubscribe(self, room: Room) -> None:
        if self.pubsub is None:
            return
        try:
            self.pubsub.unsubscribe(f"{CHANNEL}{room.document_id}")
        except Exception as error:  # also of two tasks that meet on a line that breaks; the sweep reads what we miss
            log.warning("relay_not_unsubscribed", error=type(error).__name__)

    def listen(self) -> None:
        """For ever: hear the other processes; after every silence of Redis read from SQL what was missed."""
        while True:
            try:
                self._connect()
                while True:
                    message = self.pubsub.get_message(timeout=1.0)
                    if message is not None:
                        self._receive(message)
            except (redis.RedisError, OSError):
                if not self.is_away:
                    log.warning("relay_away")
                self.pubsub, self.is_away = None, True
                time.sleep(AWAY_SECONDS)
            except Exception:
                log.exception("relay_failed")
                self.pubsub = None
                time.sleep(AWAY_SECONDS)

    def _connect(self) -> None:
        assert self.rooms is not None  # noqa: S101  # set before the tasks start
        pubsub = self.app.extensions["redis"].pubsub()
        pubsub.subscribe(IDLE_CHANNEL, *(f"{CHANNEL}{room.document_id}" for room in self.rooms))
        self.pubsub, self.is_away = pubsub, False
        for room in self.rooms:  # one that was opened while we connected; again is harmless
            self.subscribe(room)
        self.swept_at = 0.0

    def _receive(self, message: dict[str, Any]) -> None:
        channel: bytes = message["channel"]
        if channel == IDLE_CHANNEL or self.rooms is None:
            return
        room = self.rooms.get(int(channel.removeprefix(CHANNEL.encode())))
        if room is None:
            return
        if message["type"] == "subscribe":
            room.is_heard.set()
        elif message["type"] == "message":
            self._open(room, message["data"])

    def _open(self, room: Room, data: bytes) -> None:
        kind, sender, body = data[:1], data[1:9], data[9:]
        if sender == self.me:
            return
        try:
            if kind == EDITS:
                from_seq, epoch = PLACE.unpack_from(body)
                self.offer(room, Stretch(from_seq, tuple(unframe(body[PLACE.size :])), epoch))
            elif kind == PRESENCE:
                self.on_presence(room, json.loads(body))
            elif kind == RIGHTS:
                self.on_rights(room.document_id)
            elif kind == RESET:
                self.on_reset(room.document_id)
        except (MalformedError, ValueError, KeyError, TypeError, struct.error):
            log.warning("relay_malformed")

    # In order.

    def offer(self, room: Room, stretch: Stretch) -> None:
        """Relay to the room in the order of the log; what is missing is waited for, then read from SQL."""
        if not room.offer(stretch) and not room.is_filling:
            room.is_filling = True
            self.spawn(self._fill_later, room)

    def spawn(self, function: Callable[..., None], *args: Any) -> None:
        """Run in a task of its own, or here and now where there are none."""
        if self.is_running:
            socketio.start_background_task(function, *args)
        else:
            function(*args)

    def _fill_later(self, room: Room) -> None:
        try:
            if self.is_running:
                time.sleep(GAP_SECONDS)
            if room.is_behind:
                self.fill(room)
        finally:
            room.is_filling = False

    def fill(self, room: Room) -> None:
        """Read from SQL what the room was not sent yet, and send it; or say that another epoch began meanwhile."""
        try:
            with reading(self.app):
                is_same = self._fill(room)
            if not is_same:
                self.on_reset(room.document_id)
        except Exception:
            log.exception("gap_not_filled", document_id=room.document_id)

    def _fill(self, room: Room) -> bool:
        while room.relayed is not None:
            from_seq = room.relayed + 1
            updates = doc_log.updates_after(room.document_id, room.relayed)
            # Read last: what was found before it cannot be of a later epoch.
            epoch = doc_log.epoch_of(room.document_id)
            rollback()
            if epoch != room.epoch:
                return False
            if updates:
                room.offer(Stretch(from_seq, tuple(updates), epoch))
            if len(updates) < doc_log.GAP_ROWS:
                break
        return True

    def watch(self) -> None:
        """For ever: compare what stands in SQL with what was relayed."""
        while True:
            time.sleep(AWAY_SECONDS)
            if time.monotonic() - self.swept_at >= SWEEP_SECONDS:
                self.swept_at = time.monotonic()
                try:
                    self.sweep()
                except Exception:
                    log.exception("sweep_failed")

    def sweep(self) -> None:
        """Send what other processes committed and Redis did not bring; notice new epochs and rights so, too."""
        assert self.rooms is not None  # noqa: S101  # set before the tasks start
        open_rooms = {room.document_id: room for room in self.rooms if room.relayed is not None}
        if not open_rooms:
            return
        with reading(self.app):
            heads = doc_log.heads(open_rooms)
            seen = {doc_id: (head.seq, head.epoch, head.rights_seq) for doc_id, head in heads.items()}
        for doc_id, (seq, epoch, rights_seq) in seen.items():
            room = open_rooms[doc_id]
            if epoch > room.epoch:
                self.on_reset(doc_id)
            elif room.relayed is not None and seq > room.relayed:
                self.fill(room)
            if rights_seq > room.rights_seq:
                self.on_rights(doc_id)
