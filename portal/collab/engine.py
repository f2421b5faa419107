"""One engine a process: the rooms, the writer, the relay and the presence, and what each tells the other."""

from __future__ import annotations

import json
import threading

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from flask_babel import lazy_gettext as _

from portal.collab import log as doc_log
from portal.collab import presence as presences
from portal.collab.models import DocHead, Document
from portal.collab.presence import Presence
from portal.collab.relay import CHANNEL, PRESENCE, RESET, RIGHTS, Relay
from portal.collab.rooms import Edit, Line, Room, Rooms, Stretch
from portal.collab.standings import standing
from portal.collab.writer import Writer
from portal.extensions import db, socketio
from portal.live import rooms as live_rooms
from portal.live.peers import Peer
from portal.transaction import reading

log = structlog.get_logger(__name__)

HEARD_SECONDS = 0.5

MESSAGES = {
    "malformed": _("The portal could not read that change."),
    "too_large": _("That change is too large to take at once."),
    "read_only": _("You can read this text, but not change it."),
    "locked": _("This text is locked."),
    "unreadable": _("The portal cannot read this text just now, so it takes no changes."),
    "rate": _("The portal cannot take changes that fast just now."),
    "gone": _("This text is not open to you any more."),
    "full": _("This text is as long as the portal can hold."),
}


class Engine:
    """Everything that the document namespace does in this process. Without tasks (tests) all happens in the caller."""

    def __init__(self, app: Flask, *, with_tasks: bool) -> None:
        self.app = app
        self.with_tasks = with_tasks
        self.is_running = False
        self.start_lock = threading.Lock()
        self.relay = Relay(app, on_presence=self._hear_presence, on_rights=self.recheck, on_reset=self.reset)
        self.rooms = Rooms(self.relay.subscribe, self.relay.unsubscribe)
        self.relay.rooms = self.rooms
        self.writer = Writer(app, self._deliver, self._refuse_all)
        self.presence = Presence(self)

    def start(self) -> None:
        """Start the tasks with the first document that somebody opens: commands and workers need none."""
        if not self.with_tasks:
            return
        with self.start_lock:
            if self.is_running:
                return
            self.is_running = self.relay.is_running = True
            relay = self.relay
            for task in (self.writer.run, relay.publish, relay.listen, relay.watch, self.presence.run):
                socketio.start_background_task(task)

    def hear(self, room: Room) -> None:
        """Wait until Redis confirmed that we hear the document's other processes; without Redis the sweep must do."""
        if self.is_running and room.relayed is None:
            room.is_heard.wait(HEARD_SECONDS)

    # An edit's way.

    def submit(self, edit: Edit) -> bool:
        """Into the writer's queue; False when it is full."""
        taken = self.writer.submit(edit)
        if taken and not self.is_running:
            self.writer.drain()
        return taken

    def _deliver(self, outcome: doc_log.Outcome) -> None:
        """After the commit: relay, then acknowledge, then say what was refused."""
        for document_id, head in outcome.heads.items():
            if not head.updates:
                continue
            stretch = Stretch(head.first, tuple(head.updates), head.epoch)
            room = self.rooms.get(document_id)
            if room is not None:
                self.relay.offer(room, stretch)
            self.relay.send_edits(document_id, stretch)
        self._acknowledge(outcome)
        for edit, code in outcome.refused:
            self.refuse(edit.line, edit.n, code)

    def _acknowledge(self, outcome: doc_log.Outcome) -> None:
        latest: dict[Line, tuple[int, int]] = {}
        for edit, seq in outcome.saved:
            latest[edit.line] = max(latest.get(edit.line, (0, 0)), (edit.n, seq))
        for line, (n, seq) in latest.items():
            if is_current(line):
                live_rooms.emit(line.peer, "saved", {"d": line.document_id, "n": n, "seq": seq})

    def _refuse_all(self, batch: list[Edit], code: str) -> None:
        for edit in batch:
            self.refuse(edit.line, edit.n, code)

    def refuse(self, line: Line, n: int, code: str) -> None:
        """Say so, and take nothing from n on of this line: a cumulative `saved` would cover the hole.

        What came before it and still waits for the writer is judged for itself.
        """
        if not line.refused or n < line.refused_from:
            line.refused, line.refused_from = code, n
        if is_current(line):
            self.tell_refused(line.peer, line.document_id, n, code)

    def tell_refused(self, peer: Peer, document_id: int | None, n: int | None, code: str) -> None:
        with self.app.app_context():  # a lazy string speaks the language of its application
            words = str(MESSAGES[code])
        message = {"d": document_id, "n": n, "code": code, "message": words}
        live_rooms.emit(peer, "refused", message)

    # Leaving, and being put out.

    def leave(self, line: Line) -> None:
        """Take the line out of its room and let go of the room."""
        room = self.rooms.get(line.document_id)
        if room is not None and room.leave(line):
            self._let_go(room, line)

    def _let_go(self, room: Room, line: Line) -> None:
        self.presence.forget(room, line)
        if not room.lines:  # the room goes with its last line, and nobody would tell the other processes later
            self.presence.flush_room(room)
        self.rooms.release(room)

    def rights_changed(self, document_ids: list[int]) -> None:
        """After the commit that changed rights: judge everybody anew, here and in the other processes."""
        for document_id in document_ids:
            self.recheck(document_id)
            self._tell(document_id, RIGHTS)  # last: it waits for Redis, which may hang

    def _tell(self, document_id: int, kind: bytes) -> None:
        """Directly and not through the publisher's task: whoever changes rights may be a process without tasks."""
        if not self.with_tasks:
            return
        try:
            self.app.extensions["redis"].publish(f"{CHANNEL}{document_id}", kind + self.relay.me)
        except redis.RedisError:
            log.warning("change_not_told", document_id=document_id, kind=kind.decode())

    def recheck(self, document_id: int) -> None:
        """Read the rights of everybody in the room again; put out who has none, tell who has others."""
        room = self.rooms.get(document_id)
        judged: set[Line] = set()
        while room is not None and (waiting := set(room.lines.values()) - judged):
            people = {line.peer.principal.user_id for line in waiting}
            roles, state, rights_seq = self._judged(room, people)
            # Who enters from here on was judged at this number or later; who slipped in before is judged next.
            room.rights_seq = max(room.rights_seq, rights_seq)
            for line in waiting:
                self._apply(room, line, roles.get(line.peer.principal.user_id, "none"), state)
            judged |= waiting

    def _apply(self, room: Room, line: Line, role: str, standing: str) -> None:
        if role == "none":
            self.refuse(line, 0, "gone")
            self.leave(line)
            line.peer.memory.get("lines", {}).pop(room.document_id, None)
        elif (role, standing) != (line.role, line.standing):
            is_other_role = role != line.role
            line.role, line.standing = role, standing
            live_rooms.emit(line.peer, "role", {"d": room.document_id, "role": role, "standing": standing})
            if is_other_role:
                room.settle()  # who may write now has a live place
                self.presence.note(room, line)

    def _judged(self, room: Room, people: set[int]) -> tuple[dict[int, str], str, int]:
        """Roles, the document's standing, and the number that both were read at."""
        query = sa.select(Document.kind, DocHead.rights_seq).join(DocHead, DocHead.doc_id == Document.id)
        with reading(self.app):
            row = db.session.execute(query.where(Document.id == room.document_id)).one_or_none()
            if row is None:
                return {}, "", 0
            roles = doc_log.roles_of(row.kind, people, room.document_id)
            return roles, standing([room.document_id])[room.document_id].state, row.rights_seq

    def began_anew(self, document_id: int) -> None:
        """After the commit that began another epoch: whoever has the former text open is told to let go of it."""
        self.reset(document_id)
        self._tell(document_id, RESET)

    def reset(self, document_id: int) -> None:
        """Read the epoch; if the room stands in a former one, tell everybody to open anew, and put them out."""
        room = self.rooms.get(document_id)
        if room is None:
            return
        with reading(self.app):
            head = doc_log.heads([document_id]).get(document_id)
            seq, epoch = (head.seq, head.epoch) if head else (0, 0)
        self.renew(room, seq, epoch)

    def renew(self, room: Room, seq: int, epoch: int) -> None:
        """The same, of an epoch that was read already."""
        for line in room.begin_anew(seq, epoch):
            self._let_go(room, line)
            if is_current(line):
                del line.peer.memory["lines"][line.document_id]

    # Presence between processes.

    def tell_presence(self, document_id: int, entries: list[presences.Entry], left: set[str]) -> None:
        """Other processes and the pages that count hear of our own tabs."""
        if not self.is_running or not (entries or left):
            return
        message = {"people": entries, "left": sorted(left)}
        self.relay.send(PRESENCE, document_id, json.dumps(message).encode())
        try:
            presences.write_here(self.app.extensions["redis"], document_id, entries, left)
        except redis.RedisError:
            log.warning("presence_not_noted")

    def _hear_presence(self, room: Room, message: object) -> None:
        self.presence.hear(room, message)


def is_current(line: Line) -> bool:
    """Whether the tab has not opened the document again since: numbers of another key would be taken for its own."""
    return line.peer.memory.get("lines", {}).get(line.document_id) is line


def engine() -> Engine:
    """The engine of the current application."""
    found: Engine = current_app.extensions["collab"]
    return found
