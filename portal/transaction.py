"""Transactions: SQLite's begin rule, one commit an edge, and what leaves the process only after it.

Measured under gevent: with SQLite's defaults a greenlet that waits inside a write transaction stops the
whole process, and a deferred BEGIN lets a lost update pass. So the driver's own transactions are off,
reading requests open BEGIN, everything else BEGIN IMMEDIATE, and waiting is done by sleeping here.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, g, has_app_context, request
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine

from portal.extensions import db

log = structlog.get_logger(__name__)

BUSY_SECONDS = 5.0
RETRY_SECONDS = 0.005


class DatabaseBusyError(Exception):
    """Another writer held SQLite for five seconds; the edge answers 503 and keeps the text."""


def on_commit(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call `function` once the current transaction is committed; a rollback forgets it.

    Whatever leaves the process (socket message, mail, bell) goes through here.
    """
    db.session().info.setdefault("on_commit", []).append((function, args, kwargs))


def commit() -> None:
    """Commit once, at the edge, then run what waited. A failure there is logged: the work itself is saved."""
    db.session.commit()
    waiting = db.session().info.pop("on_commit", [])
    for function, args, kwargs in waiting:
        try:
            function(*args, **kwargs)
        except Exception:
            log.exception("after_commit_failed", function=getattr(function, "__qualname__", repr(function)))


def rollback() -> None:
    """Undo the transaction and forget what waited for it."""
    db.session.rollback()
    forget_waiting()


def forget_waiting() -> None:
    """Let nothing that waits for the commit leave the process, and keep the transaction."""
    db.session().info.pop("on_commit", None)


def writing() -> None:
    """Say that what follows in this context writes, also inside a GET (socket handlers, tests)."""
    g.is_reading = False


@contextmanager
def reading(app: Flask) -> Iterator[None]:
    """An application context with a reading transaction of its own; both end with it, and rows stay readable.

    For tasks and bare socket handlers, and where what is read is shown while nothing may be held open.
    """
    with app.app_context():
        g.is_reading = True
        yield


@contextmanager
def as_reader() -> Iterator[None]:
    """Begin what follows as a reader, also where the caller writes: it must not wait for the caller's own lock."""
    before, g.is_reading = g.get("is_reading", False), True
    try:
        yield
    finally:
        g.is_reading = before


def init_app(app: Flask) -> None:
    """Mark reading requests, so that they do not queue for SQLite's one writer."""

    @app.before_request
    def _mark_reading() -> None:
        g.is_reading = request.method in ("GET", "HEAD", "OPTIONS")


def install(engine: Engine) -> None:
    """Set the begin rule and the pragmas on `engine` (no-op for PostgreSQL)."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=0"):
        _patiently(partial(cursor.execute, f"PRAGMA {pragma}"))
    cursor.close()


def _begin(connection: Connection) -> None:
    is_reading = has_app_context() and g.get("is_reading", False)
    statement = "BEGIN" if is_reading else "BEGIN IMMEDIATE"
    _patiently(partial(connection.exec_driver_sql, statement))


def _patiently(execute: Callable[[], Any]) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            execute()
            return
        except (exc.OperationalError, sqlite3.OperationalError) as error:
            if not _is_busy(error):
                raise
            if time.monotonic() > deadline:
                raise DatabaseBusyError from error
            time.sleep(RETRY_SECONDS)  # gevent's, where the process is patched


def _is_busy(error: Exception) -> bool:
    original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return getattr(original, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
