"""A place on the team: given, changed, taken away. What it opens or closes is told to documents and streams."""

from __future__ import annotations

from collections.abc import Iterable

from portal import live
from portal.accounts.models import User
from portal.applications import signals
from portal.applications.models import Application, Participant
from portal.clock import utcnow
from portal.collab.actions import rights_changed as documents_changed
from portal.extensions import db
from portal.members.models import Organisation
from portal.transaction import on_commit


def place(
    application: Application,
    user: User,
    *,
    organisation: Organisation | None,
    role: str,
    by: User,
    is_guest: bool = False,
    confirmed: bool = True,
) -> Participant:
    """Give a person a place; somebody who was on the team before gets the same row again."""
    participant = next((row for row in application.participants if row.user_id == user.id), None)
    if participant is None:
        participant = Participant(application=application, user=user)
        db.session.add(participant)
    elif participant.is_active:
        return participant
    now = utcnow()
    participant.organisation, participant.role, participant.is_guest = organisation, role, is_guest
    participant.added_by, participant.added_at, participant.removed_at = by, now, None
    participant.confirmed_at = now if confirmed else None
    db.session.flush()
    rights_changed(application)
    signals.team_changed.send(application)
    return participant


def put_out(application: Application, people: Iterable[Participant]) -> None:
    """Take places away: texts refuse these people at once, and streams ask everybody again."""
    gone = list(people)
    for participant in gone:
        now = utcnow()
        if participant.writes:
            participant.wrote_until = now
        participant.removed_at = now
    if not gone:
        return
    db.session.flush()
    rights_changed(application)
    on_commit(live.recheck, f"application:{application.id}")  # before what the signal sends: they hear no more
    signals.team_changed.send(application)


def rights_changed(application: Application) -> None:
    """Tell every text that somebody's rights are others now."""
    documents_changed([section.document_id for section in application.sections])
