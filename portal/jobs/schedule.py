"""What the worker does by the clock. The one worker that keeps the schedule hands it to Huey; the rest never run it.

@schedule.every(minutes=10)
def write_sessions_seen() -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask

from portal.transaction import rollback

log = structlog.get_logger(__name__)

Task = Callable[[], Any]
tasks: dict[str, tuple[int, Task]] = {}


def every(*, minutes: int) -> Callable[[Task], Task]:
    """Register a function that runs every so many minutes of the hour, in an application context of its own.

    It opens and commits its own transactions; running twice or not at all for a while must do no harm.
    """

    def register(task: Task) -> Task:
        tasks[task.__name__] = (minutes, task)
        return task

    return register


def install(app: Flask, huey: Any) -> None:
    """Hand every registered function to Huey."""
    from huey import crontab  # noqa: PLC0415  # 60 ms, and only a worker has a Huey already

    for name, (minutes, task) in tasks.items():
        huey.periodic_task(crontab(minute=f"*/{minutes}"), name=f"every_{name}")(_in_context(app, name, task))


def _in_context(app: Flask, name: str, task: Task) -> Task:
    def run() -> None:
        with app.app_context():
            try:
                task()
            except Exception:
                rollback()
                log.exception("scheduled_task_failed", task=name)

    return run
