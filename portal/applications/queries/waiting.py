"""What waits for a person's answer."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.models import Application, Participant, Partner
from portal.extensions import db


def invitations_to_answer(user: User) -> Sequence[Partner]:
    """Organisations that the person speaks for and that were asked to take part, longest first."""
    return db.session.scalars(policy.visible_partner_invitations(user).order_by(Partner.invited_at)).all()


def people_to_confirm(user: User) -> list[Participant]:
    """Those who accepted a link and wait for this person to let them in."""
    query = (
        sa.select(Participant)
        .where(Participant.confirmed_at.is_(None), Participant.removed_at.is_(None))
        .where(Participant.application_id.in_(policy.visible_applications(user).with_only_columns(Application.id)))
        .options(
            joinedload(Participant.user),
            joinedload(Participant.organisation),
            joinedload(Participant.application).options(
                joinedload(Application.lead_organisation), selectinload(Application.participants)
            ),
        )
        .order_by(Participant.added_at)
    )
    return [person for person in db.session.scalars(query).unique() if policy.can_confirm(user, person)]


def waiting_to_be_let_in(user: User) -> list[Participant]:
    """The person's own places that nobody has confirmed yet: title and inviter, nothing else."""
    query = (
        sa.select(Participant)
        .where(Participant.user_id == user.id, Participant.confirmed_at.is_(None), Participant.removed_at.is_(None))
        .options(joinedload(Participant.application), joinedload(Participant.added_by))
        .order_by(Participant.added_at)
    )
    return list(db.session.scalars(query))
