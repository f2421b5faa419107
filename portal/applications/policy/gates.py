"""The rules as selects, and the only ways to a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.access import allow, found
from portal.accounts.models import Invitation, User
from portal.applications.models import INVITATION_KIND, Application, Participant, Partner, Section
from portal.applications.policy.questions import can_add_people, can_withdraw_invitation
from portal.applications.policy.team import on_team, organisation_ids
from portal.clock import utcnow
from portal.extensions import db

ApplicationRule = Callable[[User, Application], bool]


def visible_applications(user: User) -> sa.Select[Application]:
    """The applications on whose team the person is."""
    return sa.select(Application).join(Application.participants).where(Participant.user_id == user.id).where(on_team())


def access_application(user: User, application_id: int, to: ApplicationRule | None = None) -> Application:
    """The application with sections, partners and people. Raises NotFound, or Forbidden when `to` says no."""
    application = found(one_whole(visible_applications(user).where(Application.id == application_id)))
    if to is not None:
        allow(to(user, application))
    return application


def find_application(user: User, application_id: int, to: ApplicationRule) -> Application | None:
    """As `access_application`, for somebody who is not the one asking: None instead of an error."""
    application = one_whole(visible_applications(user).where(Application.id == application_id))
    return application if application is not None and to(user, application) else None


def one_whole(query: sa.Select[Application]) -> Application | None:
    """The application of `query` with its whole team: four statements, whatever its size.

    Its rows hold it, so that asking one of them for its application needs no statement.
    """
    application: Application | None = db.session.scalar(query.options(*whole_team()))
    if application is not None:
        for row in (*application.sections, *application.partners, *application.participants):
            set_committed_value(row, "application", application)
    return application


def whole_team() -> list[Any]:
    """What every rule and every page of an application reads."""
    return [
        joinedload(Application.lead_organisation),
        selectinload(Application.sections).joinedload(Section.organisation),
        selectinload(Application.partners).joinedload(Partner.organisation),
        selectinload(Application.participants).options(
            joinedload(Participant.user), joinedload(Participant.organisation)
        ),
    ]


def access_section(
    user: User, application_id: int, key: str, to: Callable[[User, Section], bool] | None = None
) -> Section:
    """One section of an application, by its key. Raises NotFound, or Forbidden when `to` says no."""
    application = access_application(user, application_id)
    section = found(next((row for row in application.sections if row.key == key), None))
    if to is not None:
        allow(to(user, section))
    return section


def access_participant(
    user: User, application_id: int, participant_id: int, to: Callable[[User, Participant], bool]
) -> Participant:
    """One person of a team. Raises NotFound or Forbidden."""
    application = access_application(user, application_id)
    participant = found(next((row for row in application.participants if row.id == participant_id), None))
    allow(to(user, participant))
    return participant


def access_partner(user: User, application_id: int, partner_id: int, to: Callable[[User, Partner], bool]) -> Partner:
    """One partner, as the team sees it. Raises NotFound or Forbidden."""
    application = access_application(user, application_id)
    partner = found(next((row for row in application.partners if row.id == partner_id), None))
    allow(to(user, partner))
    return partner


def visible_partner_invitations(user: User) -> sa.Select[Partner]:
    """Invitations that wait for an answer of an organisation that the person speaks for."""
    return (
        sa.select(Partner)
        .where(Partner.state == "invited")
        .where(Partner.organisation_id.in_(organisation_ids(user, leading=True)))
        .options(
            joinedload(Partner.organisation),
            joinedload(Partner.invited_by),
            joinedload(Partner.application).joinedload(Application.lead_organisation),
        )
    )


def access_partner_invitation(user: User, partner_id: int) -> Partner:
    """The invitation of one's own organisation: title, funder and deadline, nothing else. Raises NotFound."""
    partner: Partner = found(db.session.scalar(visible_partner_invitations(user).where(Partner.id == partner_id)))
    return partner


def visible_invitations(application: Application) -> sa.Select[Invitation]:
    """Links by mail to this application that nobody has used yet: for those of its team who may add people."""
    return (
        sa.select(Invitation)
        .where(Invitation.kind == INVITATION_KIND, Invitation.subject_id == application.id)
        .where(Invitation.accepted_at.is_(None), Invitation.voided_at.is_(None), Invitation.expires_at > utcnow())
    )


def access_invitation(user: User, application_id: int, invitation_id: int) -> Invitation:
    """An open invitation that this person may take back. Raises NotFound or Forbidden."""
    application = access_application(user, application_id, to=can_add_people)
    query = visible_invitations(application).where(Invitation.id == invitation_id)
    invitation: Invitation = found(db.session.scalar(query))
    allow(can_withdraw_invitation(user, application, invitation))
    return invitation
