"""What waits for a person's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.models import WRITING_ROLES, Application, Participant, Partner, Section
from portal.collab import queries as documents
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


def rescues_to_read(user: User) -> list[tuple[Section, int, datetime]]:
    """Sections that the person writes in where words wait that came too late: how many, and since when."""
    waiting = documents.rescues_waiting()
    query = (
        sa.select(Section, waiting.c.count, waiting.c.since)
        .join(waiting, waiting.c.doc_id == Section.document_id)
        .join(Participant, Participant.application_id == Section.application_id)
        .where(Participant.user_id == user.id, Participant.role.in_(WRITING_ROLES), policy.on_team())
        .order_by(waiting.c.since)
    )
    return [(section, count, since) for section, count, since in db.session.execute(query)]


def waiting_to_be_let_in(user: User) -> list[Participant]:
    """The person's own places that nobody has confirmed yet: title and inviter, nothing else."""
    query = (
        sa.select(Participant)
        .where(Participant.user_id == user.id, Participant.confirmed_at.is_(None), Participant.removed_at.is_(None))
        .options(joinedload(Participant.application), joinedload(Participant.added_by))
        .order_by(Participant.added_at)
    )
    return list(db.session.scalars(query))
