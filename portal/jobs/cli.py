"""`flask worker`: runs jobs when Redis rings, and by itself every 15 s."""

from __future__ import annotations

import threading

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext

from portal.jobs.bell import consumer
from portal.jobs.queue import run_due_jobs
from portal.web.health import beat

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 15.0


@click.command("worker")
@click.option("--no-schedule", is_flag=True, help="Leave the periodic jobs to another worker.")
@click.option("--threads", default=2, show_default=True, help="How many jobs run at once.")
@with_appcontext
def worker(no_schedule: bool, threads: int) -> None:
    """Run jobs until SIGTERM. Exactly one worker keeps the schedule; the others take --no-schedule."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
    stop = threading.Event()
    sweeper = threading.Thread(target=sweep, args=(app, stop), name="sweep", daemon=True)
    sweeper.start()
    try:
        consumer(app, workers=threads, periodic=not no_schedule).run()
    finally:
        stop.set()
        sweeper.join(timeout=10)


def sweep(app: Flask, stop: threading.Event) -> None:
    """Find what rang for nothing or whose claim ran out; say that this worker lives."""
    while True:
        with app.app_context():
            beat("worker")
            try:
                run_due_jobs()
            except Exception:
                log.exception("sweep_failed")
        if stop.wait(SWEEP_SECONDS):
            return
