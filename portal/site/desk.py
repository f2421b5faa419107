"""Your desk: what waits on this person, and the parts that the domains fill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.web.slots import WaitingItem, desk_parts, waiting

FIRST_VISIT = timedelta(minutes=10)
NO_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FilledPart:
    """A part of the desk with what its domain had to say."""

    template: str
    part: dict[str, Any]
    side: bool

    @property
    def is_empty(self) -> bool:
        """Whether the domain has nothing yet for this person: every value of its context is empty or nought."""
        return not any(self.part.values())


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's desk on one visit."""

    waiting: list[WaitingItem]
    main: list[FilledPart]
    side: list[FilledPart]

    @property
    def is_empty(self) -> bool:
        return not self.waiting and all(part.is_empty for part in (*self.main, *self.side))


def desk_of(user: Any) -> Desk:
    """Ask every domain once. What must be done by a time comes first, then what has waited longest."""
    items = [item for ask in waiting for item in ask(user)]
    parts = [
        FilledPart(entry.template, context, entry.side)
        for entry in desk_parts
        if (context := entry.context(user)) is not None
    ]
    return Desk(
        waiting=sorted(items, key=lambda item: (item.until or NO_END, item.since)),
        main=[part for part in parts if not part.side],
        side=[part for part in parts if part.side],
    )


def is_first_visit(user: Any, session: Any) -> bool:
    """Whether this is the session in which the account was made. GET writes nothing, so "seen" cannot be kept."""
    return bool(session) and not user.is_sample and session.created_at - user.created_at < FIRST_VISIT
