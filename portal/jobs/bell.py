"""The bell: Huey on Redis wakes one worker for a job and keeps the schedule. The job itself is a row."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import redis
import structlog
from flask import Flask, current_app

from portal.jobs import schedule
from portal.jobs.queue import run_due_jobs

if TYPE_CHECKING:
    from huey import RedisHuey

log = structlog.get_logger(__name__)


def huey_of(app: Flask) -> RedisHuey:
    """The application's Huey, made at the first ring; the one task that is ever queued runs what is due."""
    if "huey" in app.extensions:
        return app.extensions["huey"]
    from huey import RedisHuey  # noqa: PLC0415  # 60 ms, most of it a PostgreSQL storage that nobody uses

    huey = RedisHuey("portal", connection_pool=app.extensions["redis"].connection_pool, results=False, utc=True)

    @huey.task(name="ring")  # type: ignore[untyped-decorator]  # huey has no types
    def run_due() -> None:
        with app.app_context():
            run_due_jobs()

    app.extensions["huey"], app.extensions["jobs_ring"] = huey, run_due
    return huey


def ring() -> None:
    """Wake a worker. Without Redis the sweep finds the job within 15 s."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
    huey_of(app)
    try:
        app.extensions["jobs_ring"]()
    except redis.RedisError:
        log.warning("job_bell_not_rung")


def without_traceback(record: logging.LogRecord) -> bool:
    """Redis that is away is an event, not a fault of ours: one line, and the sweep works on."""
    if record.exc_info and isinstance(record.exc_info[1], redis.RedisError):
        record.exc_info = None
    return True


def consumer(app: Flask, *, workers: int, periodic: bool) -> Any:
    """Huey's consumer on threads; `run()` blocks until SIGTERM (what runs is finished) or SIGINT."""
    huey = huey_of(app)
    for part in ("Worker", "Scheduler"):
        logging.getLogger(f"huey.consumer.{part}").addFilter(without_traceback)
    if periodic:
        schedule.install(app, huey)
    return huey.create_consumer(
        workers=workers,
        periodic=periodic,
        worker_type="thread",
        initial_delay=0.1,
        graceful_signal="TERM",
        shutdown_timeout=8,
    )
