"""The door of `/socket.io`: every HTTP request of a socket is judged here before Engine.IO sees it.

Measured with the stock server: a `?sid=` alone, without a cookie, acts as the person who opened it; an empty
or deeply nested packet, or 17 of them in one POST, ends in a traceback or is dropped with a 200. So the host,
the origin, the session and the shape of each request are checked here, and a wrong one is a 4xx.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import structlog
from flask import Flask, g
from sqlalchemy.exc import OperationalError

from portal.config import Settings
from portal.extensions import socketio
from portal.live.identity import Principal, identity
from portal.transaction import DatabaseBusyError
from portal.web import security, wire

log = structlog.get_logger(__name__)

PATH = "/socket.io/"
MAX_PACKETS = 2048  # in one polling POST; the bytes are the real limit (400 waiting edits are 800 packets)
SESSION_KEY = "portal.session_id"

StartResponse = Callable[..., Any]


class Door:
    """WSGI middleware around Socket.IO's."""

    def __init__(self, app: Flask, settings: Settings, inner: Callable[..., Iterable[bytes]]) -> None:
        self.app, self.settings, self.inner = app, settings, inner
        self.headers = list(security.headers_of_every_answer(settings).items())

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self.inner(environ, start_response)
        start_response = self.with_headers(start_response)
        try:
            self.judge(environ)
        except TurnedAwayError as error:
            return answer(start_response, error.status, error.headers)
        except (DatabaseBusyError, OperationalError):
            return answer(start_response, "503 Service Unavailable")
        return self.inner(environ, start_response)

    def with_headers(self, start_response: StartResponse) -> StartResponse:
        """Engine.IO's answers never pass Flask, so they get the security headers here."""

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, *self.headers], *more)

        return start

    def judge(self, environ: dict[str, Any]) -> None:
        """Raise TurnedAwayError unless host, origin, form and session are right; the cheap checks come first."""
        if environ.get("HTTP_HOST") not in self.settings.allowed_hosts:
            raise TurnedAwayError("400 Bad Request")
        if not is_from_our_page(environ, self.settings):
            raise TurnedAwayError("403 Forbidden")
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if environ["REQUEST_METHOD"] not in ("GET", "POST") or "j" in query:  # no JSONP
            raise TurnedAwayError("400 Bad Request")
        if "HTTP_UPGRADE" in environ or query.get("transport") == ["websocket"]:
            check_handshake(environ, query)
        principal = principal_of(self.app, environ)
        if "sid" in query:
            self.check_binding(principal, query["sid"][0])
        elif principal is None:
            raise TurnedAwayError("401 Unauthorized")
        environ[SESSION_KEY] = principal.session_id if principal else None
        if environ["REQUEST_METHOD"] == "POST" and not read_packets(environ, self.settings.max_socket_message):
            close_engine(query.get("sid", [""])[0])
            raise TurnedAwayError("400 Bad Request")

    def check_binding(self, principal: Principal | None, engine_id: str) -> None:
        """A sid belongs to the session that opened it; whoever else comes with it ends it."""
        opened = socketio.server.environ.get(engine_id)
        if opened is None:
            raise TurnedAwayError("400 Bad Request")
        if principal is None or opened.get(SESSION_KEY) != principal.session_id:
            log.warning("socket_of_another_session", user_id=principal.user_id if principal else None)
            close_engine(engine_id)
            raise TurnedAwayError("400 Bad Request")


class TurnedAwayError(Exception):
    """The status line that the request gets."""

    def __init__(self, status: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers or []


def answer(start_response: StartResponse, status: str, headers: Iterable[tuple[str, str]] = ()) -> Iterable[bytes]:
    body = f"{status}\n".encode()
    fixed = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, [*fixed, *headers])
    return [body]


def is_from_our_page(environ: dict[str, Any], settings: Settings) -> bool:
    """An Origin of ours. Browsers send none with a same-origin GET (polling), but say where it comes from."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None and environ.get("REQUEST_METHOD") == "GET" and "HTTP_UPGRADE" not in environ:
        return environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    return origin in settings.allowed_origins


def check_handshake(environ: dict[str, Any], query: dict[str, list[str]]) -> None:
    """RFC 6455, section 4.2.1. Raises TurnedAwayError before Engine.IO has made anything."""
    asked = environ.get("HTTP_UPGRADE", "").lower() == "websocket" and query.get("transport") == ["websocket"]
    tokens = [token.strip().lower() for token in environ.get("HTTP_CONNECTION", "").split(",")]
    if not asked or "upgrade" not in tokens or environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        raise TurnedAwayError("400 Bad Request")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise TurnedAwayError("426 Upgrade Required", [("Sec-WebSocket-Version", "13")])
    try:
        nonce = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
    except (binascii.Error, ValueError):
        nonce = b""
    if environ["REQUEST_METHOD"] != "GET" or len(nonce) != 16:
        raise TurnedAwayError("400 Bad Request")


def principal_of(app: Flask, environ: dict[str, Any]) -> Principal | None:
    """Who sends this request, by its cookie, read from the database; None for a foreign page or no live session."""
    if not is_from_our_page(environ, app.extensions["settings"]):
        return None
    with app.app_context(), app.request_context(environ):
        g.is_reading = True
        principal = identity().identify()
    if principal is not None and environ.get(SESSION_KEY, principal.session_id) != principal.session_id:
        return None
    return principal


def read_packets(environ: dict[str, Any], limit: int) -> bool:
    """Whether the body holds Engine.IO packets of at most `limit` bytes each; Engine.IO reads the same bytes."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > socketio.server.eio.max_http_buffer_size:
        return False
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        packets = body.decode().split("\x1e")
    except UnicodeDecodeError:
        return False
    return len(packets) <= MAX_PACKETS and all(wire.is_packet(packet, limit, polling=True) for packet in packets)


def close_engine(engine_id: str) -> None:
    """End a connection that broke the rules; its peers leave their rooms at once."""
    engine = socketio.server.eio.sockets.get(engine_id)
    if engine is not None:
        engine.close(wait=False)
