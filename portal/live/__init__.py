"""Live pages: named streams of HTML fragments over Socket.IO, presence, and the ground of the document sockets.

A domain registers the gate of its streams (`@live.stream("thread")`) and, after a commit, calls
`live.publish("thread:12", template, **context)`, `live.refresh(...)` or `live.recheck(...)`. Another namespace's
handlers register by `@live.on` (see `namespaces`) and speak by `live.emit`, `live.emit_room` (see `rooms`).
"""

from __future__ import annotations

from flask import Flask, g

from portal.config import Settings
from portal.extensions import socketio
from portal.live import (
    control,
    history,
    namespaces,
    presence,
    server,
    sessions,
    sockets,  # noqa: F401  # registers the events of "/"
    watching,
)
from portal.live.namespaces import Refused, connected, disconnected, on, user_of
from portal.live.peers import Peer, peers
from portal.live.relay import relay
from portal.live.rooms import close, emit, emit_room, in_room, is_polling, join, leave
from portal.live.sessions import disconnect_session, disconnect_user
from portal.live.streams import publish, recheck, refresh, stream

__all__ = [
    "Peer",
    "Refused",
    "close",
    "connected",
    "disconnect_session",
    "disconnect_user",
    "disconnected",
    "emit",
    "emit_room",
    "in_room",
    "init_app",
    "is_polling",
    "join",
    "leave",
    "on",
    "peers",
    "publish",
    "recheck",
    "refresh",
    "relay",
    "stream",
    "user_of",
]


def init_app(app: Flask, settings: Settings) -> None:
    """Bind Socket.IO, its two namespaces and the line to the other processes. Connects to nothing yet."""
    peers.clear()
    server.bind(app, settings)
    relay.bind(app, settings)
    relay.listen(control.CHANNEL, control.receive)
    relay.on_return(watching.catch_all_up)
    namespaces.bind(app, on_first=lambda: start(app))
    app.jinja_env.globals["page_at"] = page_at

    @app.before_request
    def _note_time() -> None:
        g.page_at = history.now_ms()


def start(app: Flask) -> None:
    """Begin to listen, sweep and count: at the first connection, because only then is this a server."""
    if relay.is_alone:
        return
    relay.start()
    socketio.server.start_background_task(sessions.sweep_forever, app)
    socketio.server.start_background_task(presence.beat_forever)


def page_at() -> int:
    """When this request began, in Unix milliseconds: what was published later may be missing on its page."""
    at: int = g.get("page_at") or history.now_ms()
    return at
