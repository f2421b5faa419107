"""People and how they come in: sign-in, sessions, invitations, the account page."""

from __future__ import annotations

from flask import Flask

from portal.accounts import cli, identity, jobs, passwords, seen, wall
from portal.accounts.views import bp
from portal.live import identity as live_identity

__all__ = ["init_app", "jobs"]


def init_app(app: Flask) -> None:
    """Wire the domain: the user loader, the sign-in wall, what sockets ask, the pages."""
    identity.init_app(app)
    seen.init_app(app)
    wall.init_app(app)
    passwords.init_app(app, app.extensions["settings"])
    live_identity.register(identity.DatabaseIdentity())
    app.register_blueprint(bp)
    cli.init_app(app)
