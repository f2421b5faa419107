"""Who is in a document and where. Never logged, never in SQL: one message a room every 250 ms, a hash in Redis.

Who is slow (long-polling, a line that is behind, a viewer past the live places) gets it once a second.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import redis
import structlog
from flask import Flask, current_app

from portal.collab.protocol import MAX_PRESENCE, NAMESPACE, MalformedError, whole_number
from portal.collab.rooms import Line, Room, Rooms
from portal.live import rooms as live_rooms

if TYPE_CHECKING:
    from portal.collab.engine import Engine

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.25
FLUSHES_A_BATCH = 4
RENEW_SECONDS = 10.0
GONE_SECONDS = 30.0
HERE = "portal:here:"
MAX_PEOPLE = 1_000

Entry = dict[str, Any]


def entry_of(line: Line, anchor: Any = None, head: Any = None) -> Entry:
    """What others see of a tab. Name, organisation and hue are the server's word; mere readers stay a number."""
    principal = line.peer.principal
    if line.role != "write":
        return {"me": line.me, "is_reading": True, "user_id": principal.user_id}
    return {
        "me": line.me,
        "is_reading": False,
        "user_id": principal.user_id,
        "name": principal.name,
        "organisation": principal.organisation,
        "hue": principal.hue,
        "anchor": anchor,
        "head": head,
    }


def public(entry: Entry) -> Entry:
    """What goes to browsers: a reader's tab without saying whose it is."""
    shown = {key: value for key, value in entry.items() if key != "at"}
    if entry["is_reading"]:
        shown.pop("user_id", None)
    return shown


def told(room: Room, entries: Iterable[Entry], left: Iterable[str]) -> Entry:
    """The message to browsers."""
    return {"d": room.document_id, "people": [public(entry) for entry in entries], "left": sorted(left)}


def relative_position(value: Any) -> dict[str, Any] | None:
    """A Yjs relative position as JSON, rebuilt from what it may hold. Raises MalformedError."""
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= {"type", "tname", "item", "assoc"}:
        raise MalformedError("not a relative position")
    position: dict[str, Any] = {}
    for key in ("type", "item"):
        if value.get(key) is not None:
            position[key] = _identifier(value[key])
    name = value.get("tname")
    if name is not None:
        if not isinstance(name, str) or len(name) > 64:
            raise MalformedError("not a relative position")
        position["tname"] = name
    position["assoc"] = whole_number(value.get("assoc", 0), -1, 1)
    return position


def _identifier(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or value.keys() != {"client", "clock"}:
        raise MalformedError("not an identifier")
    return {name: whole_number(value[name], 0, 2**53 - 1) for name in ("client", "clock")}


def checked(data: dict[str, Any]) -> tuple[Any, Any]:
    """Anchor and head of a message. Raises MalformedError; what else a client says of itself is ignored."""
    try:
        if len(json.dumps(data, separators=(",", ":"))) > MAX_PRESENCE:
            raise MalformedError("presence is too long")
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedError("presence is not plain JSON") from error
    return relative_position(data.get("anchor")), relative_position(data.get("head"))


class Presence:
    """The people of this process's rooms, told to browsers, to other processes and to Redis."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.renewed_at = 0.0

    def note(self, room: Room, line: Line, anchor: Any = None, head: Any = None) -> None:
        """This tab is here, its caret there."""
        with room.lock:
            room.people[line.me] = {**entry_of(line, anchor, head), "at": time.time()}
            room.changed.add(line.me)

    def forget(self, room: Room, line: Line) -> None:
        with room.lock:
            if room.people.pop(line.me, None) is not None:
                room.changed.discard(line.me)
                room.left.add(line.me)
                room.own_left.add(line.me)

    def hear(self, room: Room, message: Any) -> None:
        """What another process says of its tabs."""
        if not isinstance(message, dict):
            return
        own = {line.me for line in room.lines.values()}
        with room.lock:
            for entry in message.get("people", []):
                if entry["me"] not in own and len(room.people) < MAX_PEOPLE:
                    room.people[entry["me"]] = {**entry, "at": time.time()}  # clocks of machines differ
                    room.changed.add(entry["me"])
            for me in message.get("left", []):
                if me not in own and room.people.pop(me, None) is not None:
                    room.changed.discard(me)
                    room.left.add(me)

    def people(self, room: Room) -> list[Entry]:
        """Everybody in the room, for a newcomer."""
        with room.lock:
            return [public(entry) for entry in room.people.values()]

    def run(self) -> None:
        """For ever: tell what changed, renew what is held."""
        for number in itertools.count(1):
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
                if number % FLUSHES_A_BATCH == 0:
                    self.flush_batches()
                if time.monotonic() - self.renewed_at > RENEW_SECONDS:
                    self.renewed_at = time.monotonic()
                    self.renew()
            except Exception:
                log.exception("presence_failed")

    def flush(self) -> None:
        """One message a room with what changed since the last one."""
        for room in self.engine.rooms:
            self.flush_room(room)

    def flush_room(self, room: Room) -> None:
        """Tell what changed in one room, here and to the other processes."""
        with room.lock:
            changed, left = room.changed, room.left
            if not changed and not left:
                return
            own_left, room.own_left = room.own_left, set()
            room.changed, room.left = set(), set()
            entries = [room.people[me] for me in changed if me in room.people]
            own = {line.me for line in room.lines.values()}
            slow = [sid for sid, line in room.lines.items() if live_rooms.is_slow(line.peer)]
            room.batches.pass_over([*slow, *room.batches.viewers], changed, left)
        live_rooms.emit_room(room.name, "presence", told(room, entries, left), namespace=NAMESPACE, skip=slow)
        self.engine.tell_presence(room.document_id, [entry for entry in entries if entry["me"] in own], own_left)

    def flush_batches(self) -> None:
        """What waits for who is slow: carets, and edits for viewers past the live places, who may have one now."""
        for room in self.engine.rooms:
            room.settle()
            with room.lock:
                sids, changed, left = room.batches.take_passed_over()
                entries = [room.people[me] for me in changed if me in room.people]
                slow = [sid for sid in sids if sid in room.lines]
            if slow:
                live_rooms.emit_room(slow, "presence", told(room, entries, left), namespace=NAMESPACE)

    def renew(self) -> None:
        """Say again who is here, and let go of those whose process fell silent."""
        now = time.time()
        for room in self.engine.rooms:
            with room.lock:
                own = {line.me for line in room.lines.values()}
                for me, entry in list(room.people.items()):
                    if me in own:
                        entry["at"] = now
                    elif now - entry["at"] > GONE_SECONDS:
                        del room.people[me]
                        room.left.add(me)
                entries = [entry for entry in room.people.values() if entry["me"] in own]
            self.engine.tell_presence(room.document_id, entries, set())


def write_here(client: Any, document_id: int, entries: Iterable[Entry], left: Iterable[str]) -> None:
    """Keep the hash that pages count from. Raises redis.RedisError."""
    key = f"{HERE}{document_id}"
    pipeline = client.pipeline(transaction=False)
    if fields := {entry["me"]: f"{entry['user_id']} {entry['at']:.0f}" for entry in entries}:
        pipeline.hset(key, mapping=fields)
        pipeline.expire(key, int(GONE_SECONDS))
    if gone := list(left):
        pipeline.hdel(key, *gone)
    pipeline.execute()


def here(document_ids: Iterable[int]) -> dict[int, int]:
    """How many people have each document open, over all processes; without Redis those of this one."""
    wanted = list(dict.fromkeys(document_ids))
    engine: Engine = current_app.extensions["collab"]
    counted = {document_id: _own_people(engine.rooms, document_id) for document_id in wanted}
    if engine.is_running:
        for document_id, people in zip(wanted, _noted_people(current_app, wanted), strict=False):
            counted[document_id] |= people
    return {document_id: len(people) for document_id, people in counted.items()}


def _own_people(rooms: Rooms, document_id: int) -> set[int]:
    room = rooms.get(document_id)
    return {line.peer.principal.user_id for line in room.lines.values()} if room else set()


def _noted_people(app: Flask, document_ids: list[int]) -> list[set[int]]:
    pipeline = app.extensions["redis"].pipeline(transaction=False)
    for document_id in document_ids:
        pipeline.hvals(f"{HERE}{document_id}")
    try:
        answers = pipeline.execute()
    except redis.RedisError:
        return []
    oldest = time.time() - GONE_SECONDS
    pairs = [[value.decode().split() for value in answer] for answer in answers]
    return [{int(user_id) for user_id, at in noted if float(at) > oldest} for noted in pairs]
