"""Who did what: append-only rows, written in the action's own transaction."""

from portal.audit.models import AuditEvent
from portal.audit.record import record

__all__ = ["AuditEvent", "record"]
