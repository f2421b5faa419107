"""Handlers of socket events, by namespace: `@live.on("open", namespace="/doc")`.

    @live.on("open", namespace="/doc", mode="reading")
    def open_document(peer, data):          # data is a dict: `takes` is (dict,) unless said otherwise
        user = live.user_of(peer)           # read again; raises Refused("signed_out")
        ...
        return {"seq": 12}                  # the answer: {"ok": true, "seq": 12}

    @live.on("edit", namespace="/doc", mode="bare", takes=(int, int, bytes))
    def edit(peer, d, n, update): ...

A handler is called with the `Peer` and the event's arguments, whose number and types are already checked.
What it raises becomes `{"ok": false, "error": {code, message}}`: `Refused` its own code, NotFound
"not_found", Forbidden "forbidden", a busy database "busy", anything else "failed" and a line in the log.
The answer is sent when the browser asked for one; events of one socket are handled one after the other.

mode: "reading" gives an application context with a reading transaction; "writing" one that writes, in which
the handler calls `transaction.commit()` once, last; "bare" gives no context and no transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import structlog
from flask import Flask, g
from flask_babel import lazy_gettext as _
from socketio.exceptions import ConnectionRefusedError as Refusal
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import Forbidden, NotFound

from portal.extensions import db, socketio
from portal.live import door
from portal.live.identity import identity
from portal.live.limits import Bucket
from portal.live.peers import Peer, peers
from portal.transaction import DatabaseBusyError, rollback

log = structlog.get_logger(__name__)

Mode = Literal["bare", "reading", "writing"]
Handler = Callable[..., "dict[str, Any] | None"]

NAMESPACES: dict[str, tuple[float, float] | None] = {"/": (20, 100), "/doc": None}
"""The namespaces, each with its messages a second and its burst, past which the answer is "rate".

None: the handlers count for themselves (a document's edit must not vanish: what comes after it would be a hole).
"""

_handlers: dict[tuple[str, str], tuple[Handler, Mode, tuple[type, ...]]] = {}
_connected: dict[str, list[Callable[[Peer], None]]] = {name: [] for name in NAMESPACES}
_disconnected: dict[str, list[Callable[[Peer], None]]] = {name: [] for name in NAMESPACES}


class Refused(Exception):  # noqa: N818  # a refusal is an answer, not an error
    """Answered as `{"ok": false, "error": {code, message, ...}}`. `extra` joins the error (`retry=1`)."""

    def __init__(self, code: str, message: Any = "", **extra: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.extra = code, message, extra


def on(
    event: str, *, namespace: str = "/", mode: Mode = "reading", takes: tuple[type, ...] = (dict,)
) -> Callable[[Handler], Handler]:
    """Register the handler of an event; `takes` are the types of its arguments (bool is not an int here)."""

    def register(handler: Handler) -> Handler:
        _handlers[namespace, event] = (handler, mode, takes)
        return handler

    return register


def connected(namespace: str) -> Callable[[Callable[[Peer], None]], Callable[[Peer], None]]:
    """Call the function with every new peer of the namespace, without a context."""

    def register(function: Callable[[Peer], None]) -> Callable[[Peer], None]:
        _connected[namespace].append(function)
        return function

    return register


def disconnected(namespace: str) -> Callable[[Callable[[Peer], None]], Callable[[Peer], None]]:
    """Call the function with every peer that left, without a context; its rooms still stand."""

    def register(function: Callable[[Peer], None]) -> Callable[[Peer], None]:
        _disconnected[namespace].append(function)
        return function

    return register


def user_of(peer: Peer) -> Any:
    """The person, read again in the current transaction. Raises Refused: the session ended, or may not act."""
    user = identity().load_user(peer.principal)
    if user is None:
        raise Refused("signed_out", _("You are signed out. Sign in again to go on."))
    return user


def bind(app: Flask, *, on_first: Callable[[], None]) -> None:
    """Let every namespace of the server end here; call `on_first` before the first peer of this process."""
    waiting = [on_first]
    for namespace in NAMESPACES:
        socketio.server.on("connect", _connector(app, namespace, waiting), namespace=namespace)
        socketio.server.on("disconnect", _disconnector(namespace), namespace=namespace)
        socketio.server.on("*", _dispatcher(app, namespace), namespace=namespace)


def _connector(app: Flask, namespace: str, waiting: list[Callable[[], None]]) -> Callable[..., bool]:
    limits = NAMESPACES[namespace]

    def connect(sid: str, environ: dict[str, Any], _auth: Any = None) -> bool:
        principal = door.principal_of(app, environ)
        if principal is None:
            raise Refusal("signed_out")
        while waiting:
            waiting.pop()()
        engine_id = socketio.server.manager.eio_sid_from_sid(sid, namespace)
        peer = Peer(sid, namespace, engine_id, principal, Bucket(*limits) if limits else None)
        peers.add(peer)
        tell(_connected[namespace], peer)
        return True

    return connect


def _disconnector(namespace: str) -> Callable[..., None]:
    def disconnect(sid: str, _reason: str) -> None:
        peer = peers.get(sid, namespace)
        if peer is None:
            return
        tell(_disconnected[namespace], peer)
        peers.remove(sid, namespace)

    return disconnect


def tell(functions: list[Callable[[Peer], None]], peer: Peer) -> None:
    """Call each; one that fails is logged and keeps neither the others nor the peer from what comes next."""
    for function in functions:
        try:
            function(peer)
        except Exception:
            log.exception("socket_hook_failed", namespace=peer.namespace, hook=function.__qualname__)


def _dispatcher(app: Flask, namespace: str) -> Callable[..., dict[str, Any]]:
    def dispatch(event: str, sid: str, *arguments: Any) -> dict[str, Any]:
        peer = peers.get(sid, namespace)
        if peer is None:
            return _error(app, "gone", _("This connection has ended."))
        if peer.bucket and not peer.bucket.take():
            return _error(app, "rate", _("Too many messages at once. Wait a moment."), retry=1)
        registered = _handlers.get((namespace, event))
        if registered is None or not _fits(arguments, registered[2]):
            return _error(app, "malformed", _("The portal could not read that message."))
        handler, mode, _takes = registered
        return _answer(app, mode, handler, peer, arguments)

    return dispatch


def _fits(arguments: tuple[Any, ...], takes: tuple[type, ...]) -> bool:
    return len(arguments) == len(takes) and all(
        isinstance(argument, kind) and not (kind is int and isinstance(argument, bool))
        for argument, kind in zip(arguments, takes, strict=True)
    )


def _answer(app: Flask, mode: Mode, handler: Handler, peer: Peer, arguments: tuple[Any, ...]) -> dict[str, Any]:
    try:
        if mode == "bare":
            return {"ok": True, **(handler(peer, *arguments) or {})}
        with app.app_context():
            return _in_transaction(mode, handler, peer, arguments)
    except Exception as error:
        return _refusal(app, error, handler, peer)


def _refusal(app: Flask, error: Exception, handler: Handler, peer: Peer) -> dict[str, Any]:
    match error:
        case Refused():
            return _error(app, error.code, error.message, **error.extra)
        case NotFound():
            return _error(app, "not_found", _("There is nothing here, or it is not yours to see."))
        case Forbidden():
            return _error(app, "forbidden", _("Your role does not allow that."))
        case DatabaseBusyError() | OperationalError():
            log.warning("socket_database_busy", namespace=peer.namespace, error=type(error).__name__)
            return _error(app, "busy", _("The portal is busy for a moment."), retry=1)
    log.error("socket_handler_failed", handler=handler.__name__, user_id=peer.principal.user_id, exc_info=error)
    return _error(app, "failed", _("That was our mistake."))


def _in_transaction(mode: Mode, handler: Handler, peer: Peer, arguments: tuple[Any, ...]) -> dict[str, Any]:
    g.is_reading = mode == "reading"
    try:
        return {"ok": True, **(handler(peer, *arguments) or {})}
    finally:
        rollback()  # what was not committed by now was not meant
        db.session.remove()


def _error(app: Flask, code: str, message: Any, **extra: Any) -> dict[str, Any]:
    with app.app_context():  # a lazy string speaks the language of its application
        return {"ok": False, "error": {"code": code, "message": str(message), **extra}}
