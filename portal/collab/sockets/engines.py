"""Which engine the messages of this process end in."""

from __future__ import annotations

from flask import Flask

from portal.collab.engine import Engine
from portal.extensions import socketio

_engines: dict[object, Engine] = {}


def bind(app: Flask, engine: Engine) -> None:
    """Let the messages that reach this application's Socket.IO server end in its engine."""
    _engines[app.extensions["socketio_server"]] = engine


def bound_engine() -> Engine:
    """The engine behind the server of this process (tests make several applications)."""
    return _engines[socketio.server]
