"""The reader's life: round after round, and a sign of it for `/readyz`."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from flask import Flask

from portal.collab.applying import in_child, version_in_child
from portal.collab.reader.rescues import read_rescues
from portal.collab.reader.rounds import read_due
from portal.collab.reader.setbacks import Setbacks
from portal.collab.reader.versions import read_versions
from portal.collab.rescuing import in_child as rescue_in_child
from portal.extensions import db
from portal.transaction import rollback
from portal.web.health import beat

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
BEAT_SECONDS = 10.0


def run(app: Flask, is_stopped: Callable[[], bool]) -> None:
    """Read until told to stop. A failing database or Redis is waited for."""
    setbacks, late_versions, late_rescues = Setbacks(), Setbacks(), Setbacks()
    beaten_at = 0.0
    while not is_stopped():
        with app.app_context():
            try:
                if time.monotonic() - beaten_at > BEAT_SECONDS:
                    beaten_at = time.monotonic()
                    beat("reader")
                read_due(apply=in_child, setbacks=setbacks)
                read_versions(apply=version_in_child, setbacks=late_versions)
                read_rescues(read=rescue_in_child, setbacks=late_rescues)
            except Exception:
                log.exception("reader_failed")
            finally:
                rollback()
                db.session.remove()
        time.sleep(POLL_SECONDS)
