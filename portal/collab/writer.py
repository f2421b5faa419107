"""The writer: one a process, drains its queue into one transaction, then relays, then acknowledges.

A failed commit acknowledges and relays nothing: the batch is tried again, and refused when the database stays away.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from portal.collab import log as doc_log
from portal.collab.rooms import Edit
from portal.extensions import db
from portal.transaction import DatabaseBusyError, commit, on_commit, rollback

log = structlog.get_logger(__name__)

MAX_QUEUE = 5_000
MAX_BATCH = 512
MAX_BATCH_BYTES = 1_000_000
PATIENCE_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5

Deliver = Callable[[doc_log.Outcome], None]
Refuse = Callable[[list[Edit], str], None]


class Writer:
    """`submit` from any handler; `run` in a task of its own, or `drain` by hand where there is none (tests)."""

    def __init__(self, app: Flask, deliver: Deliver, refuse: Refuse) -> None:
        self.app = app
        self.deliver, self.refuse = deliver, refuse
        self.queue: deque[Edit] = deque()
        self.bell = threading.Event()
        self.lock = threading.Lock()

    def submit(self, edit: Edit) -> bool:
        """Queue the edit. False when the queue is full."""
        if len(self.queue) >= MAX_QUEUE:
            return False
        self.queue.append(edit)
        self.bell.set()
        return True

    def run(self) -> None:
        """For ever: wait for the bell, drain."""
        while True:
            self.bell.wait()
            self.bell.clear()
            try:
                self.drain()
            except Exception:
                log.exception("writer_failed")

    def drain(self) -> None:
        """Commit what is queued, batch after batch. One caller at a time: order is the promise."""
        with self.lock:
            while batch := self._next_batch():
                self._commit(batch)

    def _next_batch(self) -> list[Edit]:
        batch: list[Edit] = []
        size = 0
        while self.queue and len(batch) < MAX_BATCH and size < MAX_BATCH_BYTES:
            edit = self.queue.popleft()
            batch.append(edit)
            size += len(edit.update)
        return batch

    def _commit(self, batch: list[Edit]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = FIRST_PAUSE
        while True:
            try:
                self._commit_once(batch)
                return
            except Exception as error:
                if not may_pass(error):
                    self._isolate(batch)
                    return
                log.warning("writer_waits", error=type(error).__name__, edits=len(batch))
                if time.monotonic() > deadline:
                    self.refuse(batch, "rate")
                    return
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _commit_once(self, batch: list[Edit]) -> None:
        with self.app.app_context():
            try:
                outcomes: list[doc_log.Outcome] = []
                # First in line: people hear of the edit before anything else that waits for the commit.
                on_commit(lambda: self.deliver(outcomes[0]))
                outcomes.append(doc_log.append(batch))
                commit()
            finally:
                rollback()
                db.session.remove()

    def _isolate(self, batch: list[Edit]) -> None:
        """An edit that the database will not take must not take its neighbours along."""
        if len(batch) > 1:
            middle = len(batch) // 2
            self._commit(batch[:middle])
            self._commit(batch[middle:])
            return
        log.exception("edit_not_stored", document_id=batch[0].line.document_id)
        self.refuse(batch, "malformed")


def may_pass(error: Exception) -> bool:
    """Whether another try may help: the database was busy or away, or ended the connection."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, DatabaseBusyError | OperationalError | InterfaceError)
