"""What somebody may do with a section's text, for the shared documents."""

from __future__ import annotations

from datetime import UTC, datetime, time

import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Participant, Section
from portal.applications.policy.team import on_team
from portal.clock import utcnow
from portal.extensions import db
from portal.members.models import Membership, Organisation

DOCUMENT_ROLES: dict[str, str] = {"lead": "write", "writer": "write", "reader": "read"}


# Made once: the writer asks at every commit.
ROLES = (
    sa.select(Participant.user_id, Participant.role)
    .join(Section, Section.application_id == Participant.application_id)
    .where(
        Section.document_id == sa.bindparam("document"), Participant.user_id.in_(sa.bindparam("people", expanding=True))
    )
    .where(on_team())
)


def document_roles(user_ids: set[int], document_id: int) -> dict[int, str]:
    """What each of these people may do with a section's text, in one statement."""
    db.session.flush()  # the places of a team may have changed in this transaction
    rows = db.session.connection().execute(ROLES, {"document": document_id, "people": list(user_ids)})
    held = {user_id: DOCUMENT_ROLES[role] for user_id, role in rows}
    return {user_id: held.get(user_id, "none") for user_id in user_ids}


def document_role(user: User, document_id: int) -> str:
    """What this person may do with a section's text."""
    return document_roles({user.id}, document_id)[user.id]


def lost_write_at(user_id: int, document_id: int) -> datetime | None:
    """When this person last lost the right to write in a section's text; None if they never had it.

    Also a place that stands for an organisation ends with the membership, or with the organisation's own.
    """
    ended_on = (
        sa.select(sa.func.max(Membership.ends_on))
        .where(Membership.user_id == user_id, Membership.organisation_id == Participant.organisation_id)
        .scalar_subquery()
    )
    query = (
        sa.select(Participant, ended_on, Organisation.left_at)
        .join(Section, Section.application_id == Participant.application_id)
        .outerjoin(Organisation, Organisation.id == Participant.organisation_id)
        .where(Section.document_id == document_id, Participant.user_id == user_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    participant, ended, left_at = row
    losses = [participant.wrote_until]
    if participant.writes and not participant.is_guest:
        losses += [left_at, datetime.combine(ended, time.min, UTC) if ended and ended <= utcnow().date() else None]
    return max((each for each in losses if each is not None), default=None)


def may_manage_document(user: User, document_id: int) -> bool:
    """Freeze a section's text, take it up again and bring back a version of it: the lead, as `can_lead` has it."""
    query = (
        sa.select(Participant.id)
        .join(Section, Section.application_id == Participant.application_id)
        .where(Section.document_id == document_id, Participant.user_id == user.id, Participant.role == "lead")
        .where(on_team())
    )
    return db.session.scalar(query) is not None
