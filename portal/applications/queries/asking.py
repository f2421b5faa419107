"""Who could be asked to join, and who was."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Invitation, User
from portal.applications import policy
from portal.applications.models import Application
from portal.extensions import db
from portal.members.models import SPEAKING_ROLES, Membership, Organisation
from portal.members.policy import visible_organisations
from portal.members.queries import is_current_membership, sort_key


def organisations_to_invite(user: User, application: Application) -> list[Organisation]:
    """Members of the network that are not part of it and were not asked, by name."""
    taken = [row.organisation_id for row in application.partners if row.state in ("invited", "accepted")]
    query = visible_organisations(user).where(Organisation.id.not_in(taken))
    return sorted(db.session.scalars(query), key=lambda each: sort_key(each.name))


def leaders_of(organisation: Organisation) -> list[User]:
    """Who may answer for an organisation: its leaders and deputies with an account that is not suspended."""
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation.id, Membership.role.in_(SPEAKING_ROLES))
        .where(is_current_membership(), User.suspended_at.is_(None))
        .order_by(User.id)
    )
    return list(db.session.scalars(query).unique())


def colleagues_to_add(user: User, application: Application) -> list[Membership]:
    """People of one's own organisation on this application who are not on the team, by name."""
    mine = policy.participant_of(user, application)
    if mine is None or mine.is_guest or not policy.can_add_people(user, application):
        return []
    on_it = [person.user_id for person in application.participants if person.removed_at is None]
    query = (
        sa.select(Membership)
        .where(Membership.organisation_id == mine.organisation_id, is_current_membership())
        .where(Membership.user_id.not_in(on_it))
        .options(joinedload(Membership.user), joinedload(Membership.organisation))
    )
    return sorted(db.session.scalars(query), key=lambda each: sort_key(each.user.name))


def open_invitations(application: Application) -> Sequence[Invitation]:
    """Links by mail that nobody has used yet, oldest first."""
    query = policy.visible_invitations(application).options(joinedload(Invitation.invited_by)).order_by(Invitation.id)
    return db.session.scalars(query).all()
