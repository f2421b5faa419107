"""Who hears once a second and not at once: viewers past the live places, and of carets also the slow lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.collab.protocol import NAMESPACE, frame
from portal.live import rooms as live_rooms

if TYPE_CHECKING:
    from portal.collab.rooms import Line


@dataclass(eq=False, slots=True)
class Batches:
    """What waits for them in one room; its lock guards this, too.

    `viewers` are the lines without a live place by sid, who came first in front. `kept` are the updates from
    `from_seq` on that they were not sent yet. `slow` are the sids that were passed over with what changed meanwhile.
    """

    document_id: int
    viewers: dict[str, Line] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    from_seq: int = 0
    slow: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return f"document:{self.document_id}:batches"

    def enter(self, line: Line) -> None:
        self.viewers[line.peer.sid] = line
        live_rooms.join(line.peer, self.name)

    def leave(self, line: Line) -> None:
        if self.viewers.pop(line.peer.sid, None) is not None:
            live_rooms.leave(line.peer, self.name)
        if not self.viewers:
            self.kept.clear()

    def keep(self, from_seq: int, updates: Iterable[bytes]) -> None:
        """Edits that were relayed just now, each stretch following on the one before."""
        if not self.kept:
            self.from_seq = from_seq
        self.kept.extend(updates)

    def send(self) -> None:
        """What was kept, as one event. Who came in the middle of it has its beginning already, and may."""
        if not self.kept:
            return
        payload = {
            "d": self.document_id,
            "from_seq": self.from_seq,
            "to_seq": self.from_seq + len(self.kept) - 1,
            "updates": frame(self.kept),
        }
        self.kept.clear()
        live_rooms.emit_room(self.name, "edits", payload, namespace=NAMESPACE)

    def pass_over(self, sids: Iterable[str], changed: set[str], left: set[str]) -> None:
        """These were not told who moved and who left; they will be."""
        self.slow.update(sids)
        if self.slow:
            self.changed |= changed
            self.left |= left

    def take_passed_over(self) -> tuple[set[str], set[str], set[str]]:
        """The sids, what changed and who left; nothing waits after."""
        taken = self.slow, self.changed, self.left
        self.slow, self.changed, self.left = set(), set(), set()
        return taken
