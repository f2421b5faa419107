"""People on a team: added, let in, given a role, removed, succeeded."""

from __future__ import annotations

from flask_babel import gettext

from portal import mail
from portal.accounts.models import User
from portal.applications import signals
from portal.applications.actions.activities import note
from portal.applications.actions.team import place, put_out, rights_changed
from portal.applications.models import Application, Participant
from portal.applications.words import ROLES
from portal.clock import utcnow
from portal.members.models import Organisation


def add_person(application: Application, user: User, *, organisation: Organisation, role: str, by: User) -> Participant:
    """Put one of an organisation's people on the team. They are known, so nobody has to confirm them."""
    participant = place(application, user, organisation=organisation, role=role, by=by)
    note("person_added", application, by=by, person=user.name, role=role, user_id=user.id)
    _mail(participant, "application_person_added.txt", gettext("You are on a funding application"), by=by)
    return participant


def note_invitation(application: Application, *, by: User) -> None:
    """Leave a line that a link was sent; the address is the inviter's business."""
    note("person_invited", application, by=by)


def await_confirmation(
    application: Application,
    user: User,
    *,
    organisation: Organisation | None,
    is_guest: bool,
    role: str,
    by: User,
) -> Participant:
    """Somebody accepted a link. They see nothing until the inviter has seen name and address and lets them in."""
    participant = place(
        application, user, organisation=organisation, role=role, by=by, is_guest=is_guest, confirmed=False
    )
    if participant.is_active:
        return participant
    note("person_waiting", application, by=None, person=user.name, user_id=user.id)
    mail.send(
        to=by.email,
        name=by.name,
        subject=gettext("%(name)s accepted your invitation", name=user.name),
        template="application_person_waiting.txt",
        key=f"application-waiting:{participant.id}:{participant.added_at.timestamp():.0f}",
        reader=by,
        participant=participant,
    )
    return participant


def confirm_person(participant: Participant, *, by: User) -> None:
    """Let in whoever accepted a link; doing it twice is harmless."""
    if not participant.is_pending:
        return
    participant.confirmed_at = utcnow()
    application, user = participant.application, participant.user
    note("person_confirmed", application, by=by, person=user.name, role=participant.role, user_id=user.id)
    _mail(participant, "application_person_added.txt", gettext("You are on a funding application"), by=by)
    rights_changed(application)
    signals.team_changed.send(application)


def change_role(participant: Participant, role: str, *, by: User) -> None:
    """Make somebody lead, writer or reader."""
    if participant.role == role:
        return
    wrote = participant.writes
    participant.role = role
    if wrote and not participant.writes:
        participant.wrote_until = utcnow()
    application, user = participant.application, participant.user
    note("role_changed", application, by=by, person=user.name, role=role, user_id=user.id)
    rights_changed(application)
    signals.team_changed.send(application)


def remove_person(participant: Participant, *, by: User) -> None:
    """End a place on the team, at once. The row stays, so that the names in the text do."""
    application, user = participant.application, participant.user
    verb = "person_turned_away" if participant.is_pending else "person_removed"
    if participant.user_id == by.id:
        verb = "person_left"
    note(verb, application, by=by, person=user.name, user_id=user.id)
    put_out(application, [participant])


def end_place_of_member(participant: Participant, *, successor: User | None) -> None:
    """The person's membership ended: so does the place. Nobody leads? `successor` does, and is told."""
    application, user = participant.application, participant.user
    note("person_left", application, by=None, person=user.name, user_id=user.id)
    put_out(application, [participant])
    if successor is not None:
        pass_lead(application, successor)


def pass_lead(application: Application, successor: User) -> None:
    """Make this person lead, on the team already or not, and tell them by mail."""
    organisation = application.lead_organisation
    participant = place(application, successor, organisation=organisation, role="lead", by=successor)
    participant.role = "lead"
    note("lead_passed", application, by=None, person=successor.name, user_id=successor.id)
    _mail(participant, "application_lead_passed.txt", gettext("You now lead a funding application"), by=None)
    rights_changed(application)
    signals.team_changed.send(application)


def _mail(participant: Participant, template: str, subject: str, *, by: User | None) -> None:
    user = participant.user
    stamp = utcnow().timestamp()
    mail.send(
        to=user.email,
        name=user.name,
        subject=subject,
        template=template,
        key=f"{template}:{participant.id}:{stamp:.0f}",
        reader=user,
        participant=participant,
        application=participant.application,
        role=ROLES[participant.role],
        by=by,
    )
