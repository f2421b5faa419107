"""Who may not erase their account yet, because an organisation or the network would be without a head."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal.accounts.models import User
from portal.accounts.objections import objections
from portal.members import queries


def init_app() -> None:
    """Say so on the page that erases."""
    objections.fill("members", _objections, order=10)


def _objections(user: User) -> list[Any]:
    found = [
        _("You are the only leader of %(organisation)s: have somebody else made leader first.", organisation=each.name)
        for each in queries.led_alone_by(user)
    ]
    if queries.is_only_officer(user):
        found.append(_("You are the only officer: invite another one first."))
    return found
