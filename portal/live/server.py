"""Binding Socket.IO to the application: the server's options, the wire, the door."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import structlog
from engineio.payload import Payload
from flask import Flask

from portal.config import Settings
from portal.extensions import socketio
from portal.live import door
from portal.live.limits import Bucket
from portal.web import wire

log = structlog.get_logger(__name__)

PING_SECONDS, PONG_SECONDS = 5, 4  # the defaults, 25 + 20, cannot say "Offline" within 10 s
MAX_ATTACHMENTS = 4  # bytes in one event; the stock server waits for as many as a message claims
RATE, BURST = 500, 8000  # messages of one connection, all namespaces together; the handlers' own limits are lower
OWN_EVENTS = ("connect", "disconnect", "*")
TURN, TURN_BYTES = 32, 8_000  # messages that are taken without a pause; this many bytes count as another one


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
    socketio.server.eio.on("message", take)
    socketio.server._handle_event = functools.partial(named, socketio.server._handle_event)
    app.extensions["socketio_server"] = socketio.server
    Payload.max_decode_packets = door.MAX_PACKETS
    if not testing:
        wire.install(socketio.server, settings.max_socket_message)
    app.wsgi_app = door.Door(app, settings, app.wsgi_app)  # type: ignore[method-assign]  # WSGI middleware


def quiet(name: str) -> logging.Logger:
    """A logger that speaks of failures only; the stock one adds a handler of its own."""
    logger = logging.getLogger(f"portal.{name}")
    logger.setLevel(logging.ERROR)
    return logger


def take(engine_id: str, data: Any) -> None:
    """Hand a message to Socket.IO; what is not its protocol ends the connection, with a line in the log.

    Handlers do not raise (`namespaces`), so whatever arrives here is the message's fault.
    """
    server = socketio.server
    environ = server.environ.get(engine_id)
    if environ is None:
        return  # ended by a message before this one; the rest of its packets is nobody's
    try:
        size = len(data)
        if not environ.setdefault("portal.bucket", Bucket(RATE, BURST)).take():
            raise ValueError("too many messages")
        if isinstance(data, str) and engine_id in server._binary_packet:
            raise ValueError("text in place of bytes")
        server._handle_eio_message(engine_id, data)
        waiting = server._binary_packet.get(engine_id)
        if waiting is not None and waiting.attachment_count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
    except Exception as error:
        log.warning("socket_protocol_broken", error=type(error).__name__)
        server._binary_packet.pop(engine_id, None)
        door.close_engine(engine_id)
        return
    give_way(environ, size)


def named(handle: Callable[..., None], engine_id: str, namespace: str, event_id: int | None, data: Any) -> None:
    """Pass an event on. Raises ValueError for a name of the server's own.

    The stock server would call the handler of connections with whatever the browser says in place of its request.
    """
    if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in OWN_EVENTS:
        raise ValueError("not an event of a browser")
    handle(engine_id, namespace, event_id, data)


def give_way(environ: dict[str, Any], size: int) -> None:
    """Let the others have their turn: reading a socket on which the next message always waits never pauses."""
    turn = environ.get("portal.turn", 0) + 1 + size // TURN_BYTES
    environ["portal.turn"] = turn if turn < TURN else 0
    if turn >= TURN:
        socketio.sleep(0)
