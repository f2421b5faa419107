"""Boards, their threads and posts, and how far each person has read."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from portal.boards import broadcasts, cli, queries, receivers, views
from portal.web.slots import DeskPart, NavItem, desk_parts, nav_items

__all__ = ["broadcasts", "init_app", "receivers"]


def init_app(app: Flask) -> None:
    """Wire the domain: addresses, navigation, its part of the desk, the command line."""
    app.register_blueprint(views.bp)
    app.cli.add_command(cli.group)
    nav_items.fill("boards", NavItem(_("Discussions"), "boards.index", "/boards"), order=10)
    desk_parts.fill("boards", DeskPart("boards/desk.html", desk, side=True), order=40)


def desk(user: Any) -> dict[str, Any]:
    """The threads with something new, for "Your desk"."""
    lines, total = queries.unread_threads(user)
    return {"lines": lines, "total": total}
