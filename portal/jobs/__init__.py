"""Work that can wait: a `job` row written in the action's transaction is the job; Redis only rings the bell."""

from __future__ import annotations

from flask import Flask

from portal.jobs.models import Job
from portal.jobs.queue import enqueue, handler, run_due_jobs

__all__ = ["Job", "enqueue", "handler", "init_app", "run_due_jobs"]


def init_app(app: Flask) -> None:
    """Nothing to bind: handlers register on import, the worker process runs them."""
