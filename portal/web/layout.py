"""What the layout asks of a page: who reads it, what they may go to, what stands above everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user

from portal.web.public import is_public_endpoint
from portal.web.slots import bars, nav_items


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation, resolved for this reader and this page."""

    label: Any
    url: str
    is_current: bool


class Layout:
    """Answers for one page. Asks the database for nothing but the reader, and not even that on `leave_out_person`."""

    @property
    def person(self) -> Any | None:
        """Who reads this page, or None: signed out, or the database is away."""
        if g.get("without_person"):
            return None
        return current_user if current_user.is_authenticated else None

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known of the reader, so that nothing about signing in can be said."""
        return bool(g.get("without_person"))

    @property
    def is_own_device(self) -> bool:
        """Whether the reader said at sign-in that the device is theirs, so that it may keep documents."""
        session = g.get("auth_session")
        return bool(session and session.own_device)

    @property
    def asks_for_zone(self) -> bool:
        """Whether to ask the reader to confirm a zone: not where the page itself asks, nor on an answer to a form."""
        reader = self.person
        return reader is not None and not reader.time_zone and request.method == "GET" and request.path != "/account"

    @property
    def way_back(self) -> str:
        """The path of this page with its query, for forms that lead back here."""
        return request.full_path if request.query_string else request.path

    @property
    def nav(self) -> list[Link]:
        """What this person may see, in order; for a stranger, of what is public."""
        reader = self.person
        return [
            Link(item.label, url_for(item.endpoint, **dict[str, Any](item.values)), is_under(item.prefix))
            for item in nav_items
            if (reader is not None or is_public_endpoint(item.endpoint)) and item.visible_to(reader)
        ]

    @property
    def bars(self) -> list[Any]:
        """Texts above the header ("Sample"); none when the database is away."""
        if g.get("without_person"):
            return []
        return [text for text in (bar() for bar in bars) if text]


def init_app(app: Flask) -> None:
    """Give every page its `layout`."""
    app.context_processor(lambda: {"layout": Layout()})


def leave_out_person() -> None:
    """From here on this answer's layout asks nothing of the database: it may be what failed."""
    g.without_person = True


def stand_under(path: str) -> None:
    """This page belongs to the one at `path`, whatever its own address: the navigation shows that one as current."""
    g.stands_under = path


def is_under(prefix: str) -> bool:
    """Whether this page is at `prefix` or below it, or belongs to one that is."""
    path = g.get("stands_under", request.path)
    return bool(path == prefix or path.startswith(prefix.rstrip("/") + "/"))
