"""What this package puts on the desk: what became of the words that somebody handed in."""

from __future__ import annotations

from typing import Any

from portal.collab import queries
from portal.web.slots import DeskPart, desk_parts


def fill_slots() -> None:
    desk_parts.fill("rescues", DeskPart("collab/rescues/desk.html", _own_rescues, side=True), order=90)


def _own_rescues(user: Any) -> dict[str, Any] | None:
    """Left out for whoever handed nothing in."""
    own = queries.own_rescues(user.id)
    return {"waiting": own.waiting, "decided": own.decided} if own.waiting or own.decided else None
