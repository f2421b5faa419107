"""The bell: Huey on Redis wakes one worker for a job and keeps the schedule. The job itself is a row."""

from __future__ import annotations

from typing import Any

import redis
import structlog
from flask import Flask, current_app
from huey import RedisHuey

from portal.jobs.queue import run_due_jobs

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Give the application its Huey; the one task that is ever queued runs what is due."""
    huey = RedisHuey("portal", connection_pool=app.extensions["redis"].connection_pool, results=False, utc=True)

    @huey.task(name="ring")  # type: ignore[untyped-decorator]  # huey has no types
    def run_due() -> None:
        with app.app_context():
            run_due_jobs()

    app.extensions["huey"] = huey
    app.extensions["jobs_ring"] = run_due
    app.extensions["jobs_bell"] = ring


def ring() -> None:
    """Wake a worker. Without Redis the sweep finds the job within 15 s."""
    try:
        current_app.extensions["jobs_ring"]()
    except redis.RedisError:
        log.warning("job_bell_not_rung")


def consumer(app: Flask, *, workers: int, periodic: bool) -> Any:
    """Huey's consumer on threads; `run()` blocks until SIGTERM (what runs is finished) or SIGINT."""
    huey: RedisHuey = app.extensions["huey"]
    return huey.create_consumer(
        workers=workers,
        periodic=periodic,
        worker_type="thread",
        initial_delay=0.1,
        graceful_signal="TERM",
        shutdown_timeout=8,
    )
