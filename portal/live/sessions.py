"""Ending sockets with the session: at once by order, and by a sweep that needs no Redis."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask

from portal.extensions import socketio
from portal.live import control, rooms, watching
from portal.live.identity import identity
from portal.live.namespaces import Refused
from portal.live.peers import Peer, peers
from portal.live.relay import relay
from portal.transaction import reading

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 5


def disconnect_session(session_id: int) -> None:
    """Close every socket of this session, in every process within a second. Call through `on_commit`."""
    control.everywhere("end_session", session_id=session_id)


def disconnect_user(user_id: int) -> None:
    """Close every socket of this person, in every process within a second. Call through `on_commit`."""
    control.everywhere("end_user", user_id=user_id)


@control.order("end_session")
def _end_session(message: dict[str, Any]) -> None:
    close_all(peers.of_session(message["session_id"]))


@control.order("end_user")
def _end_user(message: dict[str, Any]) -> None:
    close_all(peers.of_user(message["user_id"]))


def close_all(ending: list[Peer]) -> None:
    for peer in ending:
        if peers.get(peer.sid, peer.namespace) is peer:
            rooms.close(peer)


def sweep_forever(app: Flask) -> None:
    """Every five seconds: end what has no session any more; without Redis, judge what is watched, too."""
    while True:
        socketio.sleep(SWEEP_SECONDS)
        try:
            sweep(app)
        except Exception:
            log.exception("socket_sweep_failed")


def sweep(app: Flask) -> None:
    """One round."""
    if not peers.session_ids():
        return
    with reading(app):
        live = identity().live_sessions(peers.session_ids())
    close_all([peer for peer in peers if peer.principal.session_id not in live])
    if not relay.is_up and not relay.is_alone:
        rejudge_all(app)


def rejudge_all(app: Flask) -> None:
    """Judge every watcher anew, with a breath between two people: an order to put them out may not have come."""
    for peer in peers:
        if not peer.streams:
            continue
        with reading(app):
            try:
                watching.rejudge(peer)
            except Refused:
                close_all([peer])
        socketio.sleep(0)
