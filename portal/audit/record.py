"""The one function that writes audit rows."""

from __future__ import annotations

from typing import Any

from flask import g, has_app_context

from portal.audit.models import AuditEvent
from portal.extensions import db


def record(verb: str, *, by: Any, about: Any = None, **details: Any) -> None:
    """Add a row to the current transaction: `record("section_state_changed", by=user, about=section, state="ready")`.

    `by` is a person with an `id`, or None for the system; `about` any model with a table name and an id.
    `details` hold ids and short values, never texts that people wrote.
    """
    db.session.add(
        AuditEvent(
            actor_id=getattr(by, "id", None),
            verb=verb,
            object_type=about.__tablename__ if about is not None else "portal",
            object_id=getattr(about, "id", None),
            details=details,
            request_id=g.get("request_id") if has_app_context() else None,
        )
    )
