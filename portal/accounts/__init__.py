"""People and how they come in: sign-in, sessions, invitations, the account page."""

from __future__ import annotations

from flask import Flask

from portal.accounts import identity, seen, wall
from portal.live import identity as live_identity


def init_app(app: Flask) -> None:
    """Wire the domain: the user loader, the sign-in wall, what sockets ask."""
    identity.init_app(app)
    seen.init_app(app)
    wall.init_app(app)
    live_identity.register(identity.DatabaseIdentity())
