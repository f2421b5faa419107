"""A place on a team: whose it is and whether it counts today, as a question and as a condition."""

from __future__ import annotations

import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Application, Participant
from portal.members.models import Membership, Organisation
from portal.members.queries import is_current_membership


def participant_of(user: User, application: Application) -> Participant | None:
    """The person's place on the team, or None. A place for an organisation ends with the membership."""
    if not user.is_authenticated:
        return None
    mine = next((person for person in application.participants if person.user_id == user.id), None)
    return mine if mine is not None and stands(user, mine) else None


def stands(user: User, participant: Participant) -> bool:
    """Whether this place on a team counts today."""
    if not participant.is_active:
        return False
    return participant.is_guest or participant.organisation_id in organisation_ids(user)


def organisation_ids(user: User, *, leading: bool = False) -> set[int]:
    """The organisations that the person belongs to today, or only those that they speak for."""
    return {
        held.organisation_id
        for held in user.current_memberships
        if held.organisation.left_at is None and (held.leads or not leading)
    }


def on_team() -> sa.ColumnElement[bool]:
    """`stands` as a condition on Participant."""
    belongs = (
        sa.exists()
        .where(Membership.user_id == Participant.user_id)
        .where(Membership.organisation_id == Participant.organisation_id)
        .where(is_current_membership())
        .where(Organisation.id == Membership.organisation_id, Organisation.left_at.is_(None))
    )
    return sa.and_(
        Participant.removed_at.is_(None),
        Participant.confirmed_at.is_not(None),
        sa.or_(Participant.is_guest, belongs),
    )
