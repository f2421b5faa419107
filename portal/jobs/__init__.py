"""Work that can wait: a `job` row written in the action's transaction is the job; Redis rings the bell."""

from __future__ import annotations

from flask import Flask

from portal.jobs import bell
from portal.jobs.cli import worker
from portal.jobs.models import Job
from portal.jobs.queue import drop, enqueue, handler, run_due_jobs

__all__ = ["Job", "drop", "enqueue", "handler", "init_app", "run_due_jobs"]


def init_app(app: Flask) -> None:
    """Give the application its bell and the `flask worker` command."""
    app.extensions["jobs_bell"] = bell.ring
    app.cli.add_command(worker)
