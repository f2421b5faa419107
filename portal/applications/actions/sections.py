"""A section's state and the organisation that writes it."""

from __future__ import annotations

from portal.accounts.models import User
from portal.applications import signals
from portal.applications.actions.activities import note
from portal.applications.models import Section
from portal.members.models import Organisation


def move_section(section: Section, state: str, *, by: User) -> None:
    """Put the section into another state; the same state again changes nothing."""
    if section.state == state:
        return
    before, section.state = section.state, state
    note("moved", section.application, by=by, section=section, state=state, before=before)
    signals.section_moved.send(section)


def note_typing(section: Section, *, by: User | None) -> None:
    """Its text changed: what was not started is drafting, and what was ready is drafting again."""
    if section.state not in ("not_started", "ready"):
        return
    before, section.state = section.state, "drafting"
    verb = "reopened" if before == "ready" else "begun"
    note(verb, section.application, by=by, section=section, state="drafting", before=before)
    signals.section_moved.send(section)


def assign_section(section: Section, organisation: Organisation | None, *, by: User) -> None:
    """Give the section to a partner to write; None gives it back to the lead organisation."""
    if section.organisation_id == (organisation.id if organisation else None):
        return
    section.organisation = organisation
    name = (organisation or section.application.lead_organisation).name
    note("assigned", section.application, by=by, section=section, organisation=name)
    signals.section_moved.send(section)
