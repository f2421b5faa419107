"""Organisations: invited, accepting, declining, withdrawn, leaving."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from portal import mail
from portal.accounts.models import User
from portal.applications import signals
from portal.applications.actions.activities import note
from portal.applications.actions.team import place, put_out
from portal.applications.models import Application, Partner
from portal.applications.templates import pinned
from portal.clock import utcnow
from portal.extensions import db
from portal.members.models import Organisation


def invite_partner(
    application: Application, organisation: Organisation, *, leaders: Iterable[User], by: User
) -> Partner:
    """Ask an organisation to take part; each of its leaders gets a mail. Asking again after a no is the same row."""
    partner = next((row for row in application.partners if row.organisation_id == organisation.id), None)
    if partner is None:
        partner = Partner(application=application, organisation=organisation)
        db.session.add(partner)
    if partner.state in ("invited", "accepted") and partner.id is not None:
        return partner
    partner.state, partner.invited_by, partner.invited_at = "invited", by, utcnow()
    partner.decided_by, partner.decided_at = None, None
    db.session.flush()
    note("partner_invited", application, by=by, organisation=organisation.name)
    for leader in leaders:
        _mail_invitation(partner, leader, by=by)
    signals.partners_changed.send(application)
    return partner


def _mail_invitation(partner: Partner, leader: User, *, by: User) -> None:
    application = partner.application
    mail.send(
        to=leader.email,
        name=leader.name,
        subject=gettext("%(name)s asks your organisation to join a funding application", name=by.name),
        template="application_partner_invited.txt",
        key=f"application-partner:{partner.id}:{partner.invited_at.timestamp():.0f}:{leader.id}",
        reader=leader,
        partner=partner,
        inviter=by,
        funder=pinned(application.template_id, application.template_version).funder,
        deadline=application.deadline,
    )


def accept_invitation(partner: Partner, *, by: User) -> None:
    """Take part: whoever accepted writes in the application and may bring colleagues in."""
    _decide(partner, "accepted", by=by)
    place(partner.application, by, organisation=partner.organisation, role="writer", by=partner.invited_by or by)
    signals.partners_changed.send(partner.application)


def decline_invitation(partner: Partner, *, by: User) -> None:
    """Say no; the inviter reads it on the partners page and gets a mail."""
    _decide(partner, "declined", by=by)
    signals.partners_changed.send(partner.application)


def _decide(partner: Partner, state: str, *, by: User) -> None:
    partner.state, partner.decided_by, partner.decided_at = state, by, utcnow()
    note(f"partner_{state}", partner.application, by=by, organisation=partner.organisation.name)
    inviter = partner.invited_by
    if inviter is None or inviter.id == by.id:
        return
    mail.send(
        to=inviter.email,
        name=inviter.name,
        subject=gettext("%(organisation)s answered your invitation", organisation=partner.organisation.name),
        template="application_partner_answered.txt",
        key=f"application-partner-answer:{partner.id}:{partner.decided_at.timestamp():.0f}",
        reader=inviter,
        partner=partner,
        decider=by,
    )


def withdraw_partner(partner: Partner, *, by: User) -> None:
    """Take an open invitation back, or end the part of a partner that accepted."""
    if partner.state == "invited":
        partner.state, partner.decided_by, partner.decided_at = "withdrawn", by, utcnow()
        note("partner_withdrawn", partner.application, by=by, organisation=partner.organisation.name)
        signals.partners_changed.send(partner.application)
        return
    _end_part(partner, "partner_removed", by=by)


def leave_as_partner(partner: Partner, *, by: User) -> None:
    """The organisation leaves: its people lose access, its sections pass to the lead, the text stays."""
    _end_part(partner, "partner_left", by=by)


def _end_part(partner: Partner, verb: str, *, by: User) -> None:
    application = partner.application
    partner.state, partner.decided_by, partner.decided_at = "left", by, utcnow()
    note(verb, application, by=by, organisation=partner.organisation.name)
    for section in application.sections:
        if section.organisation_id == partner.organisation_id:
            section.organisation = None
            signals.section_moved.send(section)
    people = [person for person in application.participants if person.organisation_id == partner.organisation_id]
    put_out(application, [person for person in people if person.removed_at is None])
    signals.partners_changed.send(application)
