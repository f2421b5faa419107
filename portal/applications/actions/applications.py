"""Starting an application, and changing its title and deadline."""

from __future__ import annotations

from portal.accounts.models import User
from portal.applications import deadlines, signals
from portal.applications.actions.activities import note
from portal.applications.deadlines import Deadline
from portal.applications.models import Application, Participant, Partner, Section
from portal.applications.templates import SectionRule, Template
from portal.clock import utcnow
from portal.collab.actions import create_document
from portal.extensions import db
from portal.members.models import Organisation


def start_application(
    *, title: str, template: Template, organisation: Organisation, deadline: Deadline | None, by: User
) -> Application:
    """Open an application on the template's version: its sections with their texts, the lead partner, the lead."""
    application = Application(
        title=title,
        template_id=template.id,
        template_version=template.version,
        lead_organisation=organisation,
        created_by=by,
    )
    application.deadline = deadline
    db.session.add(application)
    db.session.flush()
    _add_lead(application, by)
    for position, rule in enumerate(template.sections, 1):
        _add_section(application, position, rule)
    db.session.flush()
    note("started", application, by=by)
    signals.application_started.send(application)
    return application


def _add_lead(application: Application, person: User) -> None:
    """The lead organisation takes part, and who started the application leads it."""
    organisation, now = application.lead_organisation, utcnow()
    partner = Partner(organisation=organisation, is_lead=True, state="accepted", decided_by=person, decided_at=now)
    lead = Participant(user=person, organisation=organisation, role="lead", added_by=person, confirmed_at=now)
    application.partners.append(partner)
    application.participants.append(lead)
    db.session.flush()


def _add_section(application: Application, position: int, rule: SectionRule) -> None:
    document = create_document("section")  # first: it flushes, and a half-made section must not be in the way
    application.sections.append(
        Section(
            key=rule.key,
            position=position,
            title=rule.title,
            guidance=rule.guidance,
            limit=rule.limit,
            count_rule=rule.count_rule,
            document=document,
        )
    )


def edit_application(application: Application, *, title: str, deadline: Deadline | None, by: User) -> None:
    """Change the title or the deadline; what stays the same leaves no line."""
    if title != application.title:
        application.title = title
        note("renamed", application, by=by)
    if deadline != application.deadline:
        application.deadline = deadline
        if deadline:
            note("deadline_set", application, by=by, when=deadlines.when(deadline))
        else:
            note("deadline_cleared", application, by=by)
    signals.application_edited.send(application)


def mark_seen(participant: Participant) -> None:
    """Remember this visit: "what changed" counts from here."""
    participant.seen_at = utcnow()
