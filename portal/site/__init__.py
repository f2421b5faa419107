"""The first page: home for visitors, the desk for people of the network; and the pages about the network."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from portal.site import views
from portal.site.statements import LEICESTER_DECLARATION
from portal.web.slots import NavItem, nav_items


def init_app(app: Flask) -> None:
    """Wire the domain: addresses, and what visitors find in the navigation."""
    app.register_blueprint(views.bp)
    nav_items.fill("about", NavItem(_("About"), "site.about", "/about", is_visitor), order=1)
    declaration = {"slug": LEICESTER_DECLARATION.slug}
    nav_items.fill(
        "statements",
        NavItem(_("The Declaration"), "site.statement", "/statements", is_visitor, declaration),
        order=2,
    )
    nav_items.fill("join", NavItem(_("Join"), "members.join", "/join", is_visitor), order=90)


def is_visitor(user: Any) -> bool:
    return user is None
