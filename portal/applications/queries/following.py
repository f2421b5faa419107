"""What other domains' events are about: whose places end and who leads then, whose text was read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.models import Activity, Participant, Section
from portal.applications.queries.asking import leaders_of
from portal.applications.queries.workspace import people_of
from portal.collab.models import DocUpdate
from portal.extensions import db


def successor_of(participant: Participant) -> User | None:
    """Who leads when this lead has to go and no other lead is there.

    The lead organisation's people on the team first, its leaders before its writers; then any writer;
    then a leader of the lead organisation who is not on the team.
    """
    application = participant.application
    if not policy.is_last_lead(participant):
        return None
    home = application.lead_organisation
    speakers = [user for user in leaders_of(home) if user.id != participant.user_id]
    others = [each for each in people_of(application) if each is not participant and each.role == "writer"]
    speaking = {user.id for user in speakers}
    others.sort(key=lambda each: (each.user_id not in speaking, each.organisation_id != home.id))
    if others:
        return others[0].user
    return speakers[0] if speakers else None


def places_of(user_id: int, organisation_id: int) -> list[Participant]:
    """A person's places on teams for an organisation, with the whole of each application."""
    query = (
        sa.select(Participant)
        .where(Participant.user_id == user_id, Participant.organisation_id == organisation_id)
        .where(Participant.removed_at.is_(None), ~Participant.is_guest)
        .options(joinedload(Participant.application).options(*policy.whole_team()))
    )
    return list(db.session.scalars(query).unique())


def all_places_of(user_id: int) -> list[Participant]:
    """A person's places on teams, for an organisation, as a guest or not confirmed yet."""
    query = (
        sa.select(Participant)
        .where(Participant.user_id == user_id, Participant.removed_at.is_(None))
        .options(joinedload(Participant.application).options(*policy.whole_team()))
    )
    return list(db.session.scalars(query).unique())


def section_of_document(document_id: int) -> Section | None:
    """The section whose text this document is."""
    query = sa.select(Section).where(Section.document_id == document_id).options(joinedload(Section.application))
    section: Section | None = db.session.scalar(query)
    return section


def typed_since_last_move(section: Section) -> User | None:
    """Who changed the text last, if that was after the section's last move; None when nobody did."""
    moved_at = db.session.scalar(
        sa.select(sa.func.max(Activity.at)).where(
            Activity.section_id == section.id, Activity.verb.in_(("moved", "begun", "reopened"))
        )
    )
    query = sa.select(User).join(DocUpdate, DocUpdate.user_id == User.id)
    query = query.where(DocUpdate.doc_id == section.document_id).order_by(DocUpdate.seq.desc()).limit(1)
    if moved_at is not None:
        query = query.where(DocUpdate.at > moved_at)
    author: User | None = db.session.scalar(query)
    return author
