"""When a session was last used: noted in Redis, written to its row every ten minutes by the worker.

A reading request must not write, and a write at every request would queue everybody behind SQLite's one writer.
Without Redis nothing is noted: a session then ends at the time that its row says.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, Response, current_app, g

from portal.accounts.models import AuthSession, expiry
from portal.clock import UTCDateTime, utcnow
from portal.extensions import db, messenger
from portal.transaction import commit, on_commit

log = structlog.get_logger(__name__)

NOTED = "portal:sessions:seen"
BEING_WRITTEN = "portal:sessions:seen:writing"
WORTH_NOTING = timedelta(minutes=1)
APART_SECONDS = 60.0
KEPT = 10_000  # sessions
BATCH = 200  # rows a transaction


class Notes:
    """What one process remembers of its notes, so that a busy writer or a Redis that is away costs little."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self.quiet_until = 0.0

    def due(self, session_ids: Iterable[int], now: float) -> set[int]:
        """Those of the sessions that were not noted within the last minute (also when the clock was set back)."""
        if len(self.at) > KEPT:
            self.at = {session_id: at for session_id, at in self.at.items() if 0 <= now - at < APART_SECONDS}
        return {
            session_id
            for session_id in session_ids
            if not 0 <= now - self.at.get(session_id, -APART_SECONDS) < APART_SECONDS
        }


def init_app(app: Flask) -> None:
    """Note the session of every page that was read. A form is followed by one, and its transaction may be open."""
    app.extensions["sessions_seen"] = Notes()
    app.after_request(_note_request)


def _note_request(response: Response) -> Response:
    session_id, seen_at = g.get("session_in_use", (None, None))
    if session_id is not None and g.is_reading and utcnow() - seen_at > WORTH_NOTING:
        note_once_a_minute({session_id})
    return response


def note(session_ids: Iterable[int]) -> None:
    """Remember that these sessions were used just now. While Redis is away one try a minute is made."""
    notes: Notes = current_app.extensions["sessions_seen"]
    moment, now = utcnow().timestamp(), time.monotonic()
    noted = {str(session_id): moment for session_id in session_ids}
    if not noted or now < notes.quiet_until:
        return
    try:
        messenger.client.hset(NOTED, mapping=noted)
    except redis.RedisError:
        notes.quiet_until = now + APART_SECONDS
        log.warning("sessions_not_noted")


def note_on_commit(session_ids: set[int]) -> None:
    """The same once the current transaction is committed (no Redis before that), each session once a minute."""
    notes: Notes = current_app.extensions["sessions_seen"]
    if due := notes.due(session_ids, utcnow().timestamp()):
        on_commit(note_once_a_minute, due)


def note_once_a_minute(session_ids: set[int]) -> None:
    """Note those of the sessions that this process did not note within the last minute: pages do not ask Redis."""
    notes: Notes = current_app.extensions["sessions_seen"]
    now = utcnow().timestamp()
    if due := notes.due(session_ids, now):
        notes.at.update(dict.fromkeys(due, now))
        note(due)


def write_noted() -> int:
    """Write what was noted since the last time and move the ends of those sessions. Returns how many were written.

    What a crash left half written is written first. Commits by itself, in batches.
    """
    try:
        noted = _take()
    except redis.RedisError:
        return 0
    sessions = sorted(noted.items())  # in the order in which writers hold them (`identity.held_sessions`)
    for start in range(0, len(sessions), BATCH):
        for session_id, moment in sessions[start : start + BATCH]:
            _write(session_id, moment)
        commit()
    messenger.client.delete(BEING_WRITTEN)
    return len(sessions)


def _take() -> dict[int, datetime]:
    """Move the notes aside, unless some are still there from a run that died."""
    client = messenger.client
    if not client.exists(BEING_WRITTEN) and not client.exists(NOTED):
        return {}
    if not client.exists(BEING_WRITTEN):
        client.rename(NOTED, BEING_WRITTEN)
    return {int(key): datetime.fromtimestamp(float(at), UTC) for key, at in client.hgetall(BEING_WRITTEN).items()}


def _write(session_id: int, seen_at: datetime) -> None:
    """A session that had ended before it was used stays ended, whatever was noted."""
    on_own, elsewhere = (sa.literal(expiry(own_device, seen_at), UTCDateTime()) for own_device in (True, False))
    db.session.execute(
        sa.update(AuthSession)
        .where(AuthSession.id == session_id, AuthSession.revoked_at.is_(None))
        .where(AuthSession.seen_at < seen_at, AuthSession.expires_at > seen_at)
        .values(seen_at=seen_at, expires_at=sa.case((AuthSession.own_device, on_own), else_=elsewhere))
    )
