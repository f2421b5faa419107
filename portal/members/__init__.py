"""Organisations, their people and roles with dates, officers, and enquiries from outside."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from portal.members import (
    cli,
    desk,
    invitations,
    jobs,  # noqa: F401  # registers what the worker does
    objections,
    receivers,  # noqa: F401  # connects itself
    words,
)
from portal.members.views import bp
from portal.web.slots import NavItem, nav_items


def init_app(app: Flask) -> None:
    """Wire the domain."""
    app.register_blueprint(bp)
    words.init_app(app)
    cli.init_app(app)
    desk.init_app()
    invitations.init_app()
    objections.init_app()
    nav_items.fill("members", NavItem(_("Members"), "members.index", "/members"), order=40)
