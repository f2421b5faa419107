"""What somebody may do with a section's text, for the shared documents."""

from __future__ import annotations

import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Participant, Section
from portal.applications.policy.team import on_team
from portal.extensions import db

DOCUMENT_ROLES: dict[str, str] = {"lead": "write", "writer": "write", "reader": "read"}


def document_roles(user_ids: set[int], document_id: int) -> dict[int, str]:
    """What each of these people may do with a section's text, in one statement."""
    query = (
        sa.select(Participant.user_id, Participant.role)
        .join(Section, Section.application_id == Participant.application_id)
        .where(Section.document_id == document_id, Participant.user_id.in_(user_ids))
        .where(on_team())
    )
    held = {user_id: DOCUMENT_ROLES[role] for user_id, role in db.session.execute(query)}
    return {user_id: held.get(user_id, "none") for user_id in user_ids}


def document_role(user: User, document_id: int) -> str:
    """What this person may do with a section's text."""
    return document_roles({user.id}, document_id)[user.id]


def may_manage_document(user: User, document_id: int) -> bool:
    """Freeze a section's text, take it up again and bring back a version of it: the lead, as `can_lead` has it."""
    query = (
        sa.select(Participant.id)
        .join(Section, Section.application_id == Participant.application_id)
        .where(Section.document_id == document_id, Participant.user_id == user.id, Participant.role == "lead")
        .where(on_team())
    )
    return db.session.scalar(query) is not None
