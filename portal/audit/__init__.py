"""Who did what: append-only rows, written in the action's own transaction."""

from flask import Flask

from portal.audit.models import AuditEvent
from portal.audit.record import record

__all__ = ["AuditEvent", "init_app", "record"]


def init_app(app: Flask) -> None:
    """Nothing to bind: the table is known to Alembic by being imported."""
