"""The one way to leave a line for the team and a row for the audit."""

from __future__ import annotations

from typing import Any

from portal import audit
from portal.accounts.models import User
from portal.applications.models import Activity, Application, Section
from portal.extensions import db


def note(
    verb: str, application: Application, *, by: User | None, section: Section | None = None, **details: Any
) -> Activity:
    """Write the line and its audit row. `details` hold names and states, never text from a section."""
    activity = Activity(
        application_id=application.id,
        section_id=section.id if section else None,
        verb=verb,
        actor_id=by.id if by else None,
        details=details,
    )
    db.session.add(activity)
    ids = {key: value for key, value in details.items() if key in ("state", "before", "role", "user_id", "version_id")}
    audit.record(f"application_{verb}", by=by, about=section or application, application_id=application.id, **ids)
    return activity
