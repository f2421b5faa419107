"""Who has a document open in this process, and the strict order in which they hear of edits."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.collab.batches import Batches
from portal.collab.protocol import MAX_LIVE, NAMESPACE, frame
from portal.live import rooms as live_rooms
from portal.live.peers import Peer

MAX_HELD = 2_000


@dataclass(eq=False, slots=True)
class Line:
    """One `open` of one document by one tab. `refused` is a code: from number `refused_from` on nothing is taken.

    `last_n` is the last number that arrived under its key, 0 for none; `has_begun` says that one came on this line.
    `epoch` is the one that its edits are made on. `role` and `standing` are what the tab was told last.
    """

    peer: Peer
    document_id: int
    kind: str
    client_key: str
    role: str
    standing: str = "open"
    epoch: int = 0
    last_n: int = 0
    has_begun: bool = False
    refused: str = ""
    refused_from: int = 0
    me: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(eq=False, slots=True)
class Edit:
    """One update on its way into the log. `client` is the Yjs client whose structs it holds, None for deletions."""

    line: Line
    n: int
    update: bytes
    client: int | None

    @property
    def key(self) -> tuple[int, int, str, int]:
        """What makes an edit the same one, however often it is sent."""
        return (self.line.document_id, self.line.peer.principal.user_id, self.line.client_key, self.n)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive updates of the log, all of one epoch."""

    from_seq: int
    updates: tuple[bytes, ...]
    epoch: int

    @property
    def to_seq(self) -> int:
        return self.from_seq + len(self.updates) - 1


class Room:
    """A document that somebody in this process has open. `relayed` is the last seq its people were sent.

    Stretches arrive from our own writer and from other processes, in any order and more than once; they leave in
    the order of the log, each once. What comes early waits in `held` until the gap is filled. All of the room's people
    stand in one epoch: when another begins they are put out, and what comes late from the former is dropped.

    MAX_LIVE lines hear at once, and whoever writes; viewers past that wait in `batches` for a place.
    """

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        self.name = f"document:{document_id}"
        self.lines: dict[str, Line] = {}
        self.batches = Batches(document_id)
        self.holders = 0
        self.relayed: int | None = None
        self.epoch = 0
        self.rights_seq = 0
        self.held: dict[int, Stretch] = {}
        self.is_filling = False
        self.people: dict[str, dict[str, Any]] = {}
        self.changed: set[str] = set()
        self.left: set[str] = set()
        self.own_left: set[str] = set()
        self.is_heard = threading.Event()  # Redis confirmed that we hear the other processes
        self.lock = threading.RLock()

    def begin(self, seq: int, epoch: int, rights_seq: int) -> None:
        """The first newcomer read the log up to `seq`: from there on everything is relayed."""
        with self.lock:
            if self.relayed is None:
                self.relayed, self.epoch, self.rights_seq = seq, epoch, rights_seq
                self._release()

    def begin_anew(self, seq: int, epoch: int) -> list[Line]:
        """Another epoch began at `seq`: tell everybody to open anew, and put them out. Returns who was put out.

        Whoever still has the former text must hear no edit that is made on the next. Nothing when it is no news.
        """
        with self.lock:
            if self.relayed is None or epoch <= self.epoch:
                return []
            message = {"d": self.document_id, "epoch": epoch}
            for name in (self.name, self.batches.name):
                live_rooms.emit_room(name, "reset", message, namespace=NAMESPACE)
            self.epoch = epoch
            self.rewind(seq)
            return [line for line in list(self.lines.values()) if self.leave(line)]

    def rewind(self, seq: int) -> None:
        """The log is shorter than what was relayed: a backup was restored under us. The log is right."""
        with self.lock:
            self.relayed = seq
            self.held.clear()
            self.batches.kept.clear()

    def offer(self, stretch: Stretch) -> bool:
        """Relay the stretch, or hold it. False when what lies before it is missing and must be fetched."""
        with self.lock:
            if self.relayed is None or stretch.from_seq > self.relayed + 1 or stretch.epoch > self.epoch:
                if len(self.held) < MAX_HELD:
                    self.held[stretch.from_seq] = stretch
                return self.relayed is None
            self._emit(stretch)
            self._release()
            return True

    @property
    def is_behind(self) -> bool:
        """Whether something waits for a missing stretch."""
        return self.relayed is not None and bool(self.held)

    def _release(self) -> None:
        for from_seq in sorted(self.held):
            assert self.relayed is not None  # noqa: S101  # both callers have it
            if from_seq > self.relayed + 1 or self.held[from_seq].epoch > self.epoch:
                return
            self._emit(self.held.pop(from_seq))

    def _emit(self, stretch: Stretch) -> None:
        assert self.relayed is not None  # noqa: S101  # the callers have it
        if stretch.to_seq <= self.relayed or stretch.epoch < self.epoch:
            return
        updates = stretch.updates[self.relayed + 1 - stretch.from_seq :]
        payload = {
            "d": self.document_id,
            "from_seq": self.relayed + 1,
            "to_seq": stretch.to_seq,
            "updates": frame(updates),
        }
        if self.batches.viewers:
            self.batches.keep(self.relayed + 1, updates)
        self.relayed = stretch.to_seq
        live_rooms.emit_room(self.name, "edits", payload, namespace=NAMESPACE)

    def enter(self, line: Line) -> None:
        with self.lock:
            self.lines[line.peer.sid] = line
            if line.role == "write" or self._live() <= MAX_LIVE:
                live_rooms.join(line.peer, self.name)
            else:
                self.batches.enter(line)

    def _live(self) -> int:
        return len(self.lines) - len(self.batches.viewers)

    def settle(self) -> None:
        """Send what was kept for viewers past the live places; then who is due a place takes it."""
        if not self.batches.viewers:
            return
        with self.lock:
            self.batches.send()
            for line in list(self.batches.viewers.values()):
                if line.role == "write" or self._live() < MAX_LIVE:
                    self.batches.leave(line)
                    live_rooms.join(line.peer, self.name)

    def leave(self, line: Line) -> bool:
        """Put the line out. False when it was not (or no longer) the one in the room."""
        with self.lock:
            if self.lines.get(line.peer.sid) is not line:
                return False
            del self.lines[line.peer.sid]
            live_rooms.leave(line.peer, self.name)
            self.batches.leave(line)
            return True


class Rooms:
    """The open documents of this process. A room lives while somebody holds it: a line, an `open` under way."""

    def __init__(self, opened: Callable[[Room], None], closed: Callable[[Room], None]) -> None:
        self._rooms: dict[int, Room] = {}
        self._lock = threading.RLock()
        self._opened, self._closed = opened, closed

    def hold(self, document_id: int) -> Room:
        with self._lock:
            room = self._rooms.get(document_id)
            if room is None:
                room = self._rooms[document_id] = Room(document_id)
                self._opened(room)
            room.holders += 1
            return room

    def release(self, room: Room) -> None:
        with self._lock:
            room.holders -= 1
            if room.holders == 0 and self._rooms.get(room.document_id) is room:
                del self._rooms[room.document_id]
                self._closed(room)

    def get(self, document_id: int) -> Room | None:
        return self._rooms.get(document_id)

    def clear(self) -> None:
        with self._lock:
            self._rooms.clear()

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))
