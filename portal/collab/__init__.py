"""Shared documents: protocol, log, reading. Knows documents, roles and a registry of kinds, no domain.

A domain registers its kind (`collab.kinds.register`), makes documents (`collab.actions.create_document`), says when
rights change (`collab.actions.rights_changed`) and shows readings (`collab.queries.readings`). Versions are kept,
frozen and brought back by `collab.actions`; `collab.signals` says so.
"""

from __future__ import annotations

from flask import Flask

from portal.collab import (
    actions,
    cli,
    jobs,  # noqa: F401  # registers what the worker does
    kinds,
    models,
    presence,
    queries,
    signals,
    sockets,
    views,
)
from portal.collab.desk import fill_slots
from portal.collab.engine import Engine

__all__ = ["actions", "init_app", "kinds", "models", "presence", "queries", "signals"]


def init_app(app: Flask) -> None:
    """Register the namespace `/doc`, the document routes and `flask reader`."""
    settings = app.extensions["settings"]
    engine = Engine(app, with_tasks=settings.environment != "testing")
    app.extensions["collab"] = engine
    sockets.bind(app, engine)
    app.register_blueprint(views.bp)
    cli.init_app(app)
    fill_slots()
