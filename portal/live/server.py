"""Binding Socket.IO to the application: the server's options, the wire, the door."""

from __future__ import annotations

import logging

from engineio.payload import Payload
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.config import Settings
from portal.extensions import socketio
from portal.live import door
from portal.web import wire

PING_SECONDS, PONG_SECONDS = 5, 4  # the defaults, 25 + 20, cannot say "Offline" within 10 s


def bind(app: Flask, settings: Settings) -> None:
    """Make the Socket.IO server of this process and put it, behind the door, in front of the application.

    Tests run it on threads, everything else on gevent. It starts and serves without Redis: nothing here
    connects to anything.
    """
    testing = settings.environment == "testing"
    socketio.init_app(
        app,
        async_mode="threading" if testing else "gevent",  # said outright: the default takes what is importable
        client_manager=wire.RoomFrames(),
        async_handlers=False,  # the default starts a task for each event and reorders one person's edits
        manage_session=False,
        path="/socket.io",
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        max_http_buffer_size=settings.max_socket_message * 4 // 3 + 4096,  # polling sends bytes as base64
        http_compression=False,
        cookie=None,
        cors_allowed_origins=[],  # no header for anybody: the door compares Origin itself
        logger=quiet("socketio"),
        engineio_logger=quiet("engineio"),
    )
    app.extensions["socketio_server"] = socketio.server
    Payload.max_decode_packets = door.MAX_PACKETS
    if not testing:
        wire.install(socketio.server, settings.max_socket_message)
    app.wsgi_app = door.Door(app, settings, app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        # The door stands outside the ProxyFix of `web`, so it needs the same view of host and scheme.
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def quiet(name: str) -> logging.Logger:
    """A logger that speaks of failures only; the stock one adds a handler of its own."""
    logger = logging.getLogger(f"portal.{name}")
    logger.setLevel(logging.ERROR)
    return logger
