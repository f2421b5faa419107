"""The layout's slots: navigation, the desk's parts, what stands in the header, the account menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.slots import Slot


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation; `prefix` decides which one is current."""

    label: Any  # a lazy gettext string
    endpoint: str
    prefix: str
    visible_to: Callable[[Any], bool] = lambda user: True  # asked with None for a signed-out reader
    values: Mapping[str, str] = field(default_factory=dict)  # of the endpoint's address


@dataclass(frozen=True, slots=True)
class DeskPart:
    """One part of "Your desk": `context(user)` is asked once a page and handed to `template` as `part`.

    `side` puts it in the narrow column. A context of None leaves the part out.
    """

    template: str
    context: Callable[[Any], dict[str, Any] | None]
    side: bool = False


nav_items: Slot[NavItem] = Slot("nav")
desk_parts: Slot[DeskPart] = Slot("desk")


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """Something that others need of this person: what, where it is done, who waits, since when, until when.

    `until_zone` is the IANA zone in which `until` was set, said first; None for the reader's own.
    """

    title: Any
    url: str
    since: datetime
    who: str = ""
    until: datetime | None = None
    until_zone: str | None = None


# Texts above the header of every page, or None; asked once a page, so each must know its answer without a query.
bars: Slot[Callable[[], Any]] = Slot("bars")

waiting: Slot[Callable[[Any], list[WaitingItem]]] = Slot("waiting")
