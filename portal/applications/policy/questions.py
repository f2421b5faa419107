"""What somebody may do: yes or no, from an application that is loaded, without a statement."""

from __future__ import annotations

from portal.accounts.models import Invitation, User
from portal.applications.models import WRITING_ROLES, Application, Participant, Partner, Section
from portal.applications.policy.team import organisation_ids, participant_of
from portal.members.models import Organisation


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
    return mine is not None and mine.role in WRITING_ROLES


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
    if mine is None or mine.role not in WRITING_ROLES:
        return []
    answers_for_it = mine.role == "lead" or (
        section.organisation_id is not None and mine.organisation_id == section.organisation_id
    )
    if answers_for_it:
        return ["drafting", "in_review", "ready"]
    return [] if section.state == "ready" else ["drafting", "in_review"]


def can_write_section(user: User, section: Section) -> bool:
    return can_write(user, section.application)


def can_freeze(user: User, section: Section) -> bool:
    """Freeze a section's text and take it up again: the lead."""
    return can_lead(user, section.application)


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


def can_withdraw_invitation(user: User, application: Application, invitation: Invitation) -> bool:
    """Take a link by mail back: whoever sent it, and a lead."""
    return can_lead(user, application) or (invitation.invited_by_id == user.id and can_add_people(user, application))
