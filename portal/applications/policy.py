"""Who may see and do what with an application. Nobody outside its team knows of it, officers included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.access import allow, found
from portal.accounts.models import Invitation, User
from portal.applications.models import INVITATION_KIND, Application, Participant, Partner, Section
from portal.clock import utcnow
from portal.extensions import db
from portal.members.models import Membership, Organisation
from portal.members.queries import is_current_membership

ApplicationRule = Callable[[User, Application], bool]

WRITERS = ("lead", "writer")
DOCUMENT_ROLES: dict[str, str] = {"lead": "write", "writer": "write", "reader": "read"}


# --- the team ---------------------------------------------------------------------------------------------------


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


# --- questions --------------------------------------------------------------------------------------------------


def can_start(user: User) -> bool:
    """Leaders and deputies start applications for their organisation."""
    return bool(user.is_authenticated and organisation_ids(user, leading=True))


def organisations_to_lead(user: User) -> list[Organisation]:
    """The organisations that this person may start an application for, by name."""
    held = {each.organisation_id: each.organisation for each in user.current_memberships}
    leading = organisation_ids(user, leading=True)
    return sorted((held[key] for key in leading), key=lambda organisation: organisation.name)


def can_lead(user: User, application: Application) -> bool:
    mine = participant_of(user, application)
    return mine is not None and mine.role == "lead"


def can_write(user: User, application: Application) -> bool:
    mine = participant_of(user, application)
    return mine is not None and mine.role in WRITERS


def can_add_people(user: User, application: Application) -> bool:
    """The lead, and the leaders of a partner for their own people."""
    return can_lead(user, application) or can_speak_for_partner(user, application)


def can_speak_for_partner(user: User, application: Application) -> bool:
    """On the team, for an organisation that takes part, as its leader or deputy."""
    mine = participant_of(user, application)
    return mine is not None and not mine.is_guest and mine.organisation_id in organisation_ids(user, leading=True)


def can_manage(user: User, participant: Participant) -> bool:
    """Change a person's role or remove them: the lead anybody, a partner's leader the organisation's own people."""
    application = participant.application
    if can_lead(user, application):
        return True
    mine = participant_of(user, application)
    if mine is None or participant.role == "lead" or not can_speak_for_partner(user, application):
        return False
    return mine.organisation_id == participant.organisation_id


def can_confirm(user: User, participant: Participant) -> bool:
    """Let in somebody who accepted a link: whoever invited them, or a lead."""
    if not participant.is_pending or not can_add_people(user, participant.application):
        return False
    return participant.added_by_id == user.id or can_manage(user, participant)


def may_end_place(user: User, participant: Participant) -> bool:
    """Everybody may leave; others are removed by who manages them."""
    if participant.removed_at is not None:
        return False
    return participant.user_id == user.id or can_manage(user, participant) or can_confirm(user, participant)


def is_last_lead(participant: Participant) -> bool:
    if participant.role != "lead" or not participant.is_active:
        return False
    others = [person for person in participant.application.participants if person is not participant]
    return not any(person.role == "lead" and person.is_active for person in others)


def roles_to_offer(user: User, application: Application) -> list[str]:
    """The roles that this person may bring people in with."""
    if can_lead(user, application):
        return ["writer", "reader", "lead"]
    return ["writer", "reader"] if can_add_people(user, application) else []


def roles_to_give(user: User, participant: Participant) -> list[str]:
    """The roles that this person may give to that one; a lead is named by a lead."""
    return roles_to_offer(user, participant.application) if can_manage(user, participant) else []


def states_to_move_to(user: User, section: Section) -> list[str]:
    """Writers move to drafting and in review; the lead and the section's own organisation to ready and back."""
    mine = participant_of(user, section.application)
    if mine is None or mine.role not in WRITERS:
        return []
    answers_for_it = mine.role == "lead" or (
        section.organisation_id is not None and mine.organisation_id == section.organisation_id
    )
    if answers_for_it:
        return ["drafting", "in_review", "ready"]
    return [] if section.state == "ready" else ["drafting", "in_review"]


def can_write_section(user: User, section: Section) -> bool:
    return can_write(user, section.application)


def can_assign(user: User, section: Section) -> bool:
    """Say which partner writes a section: the lead."""
    return can_lead(user, section.application)


def can_withdraw(user: User, partner: Partner) -> bool:
    """Take an invitation back, or end a partner's part: the lead. The lead organisation itself stays."""
    return not partner.is_lead and partner.state in ("invited", "accepted") and can_lead(user, partner.application)


def can_leave(user: User, partner: Partner) -> bool:
    """Leave as an organisation: its leader or deputy on the team. The lead organisation stays."""
    if partner.is_lead or partner.state != "accepted" or not can_speak_for_partner(user, partner.application):
        return False
    return partner.organisation_id in organisation_ids(user, leading=True)


def can_end_partner(user: User, partner: Partner) -> bool:
    return can_withdraw(user, partner) or can_leave(user, partner)


# --- the same as selects, and the gates -------------------------------------------------------------------------


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


def can_withdraw_invitation(user: User, application: Application, invitation: Invitation) -> bool:
    """Take a link by mail back: whoever sent it, and a lead."""
    return can_lead(user, application) or (invitation.invited_by_id == user.id and can_add_people(user, application))


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


# --- documents --------------------------------------------------------------------------------------------------


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
