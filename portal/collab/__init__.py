"""Shared documents: protocol, log, reading. Knows documents, roles and a registry of kinds, no domain."""

from __future__ import annotations

from flask import Flask

from portal.collab import cli, models, sockets, views  # noqa: F401  # models: tables are known to Alembic
from portal.collab.engine import Engine


def init_app(app: Flask) -> None:
    """Register the namespace `/doc`, the document routes and `flask reader`."""
    settings = app.extensions["settings"]
    engine = Engine(app, with_tasks=settings.environment != "testing")
    app.extensions["collab"] = engine
    sockets.bind(app, engine)
    app.register_blueprint(views.bp)
    cli.init_app(app)
