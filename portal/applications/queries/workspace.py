"""One application as its pages show it: lengths, partners, people, what is still to do, what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from portal.applications import policy
from portal.applications.deadlines import Deadline
from portal.applications.meters import Meter, meter_of
from portal.applications.models import SECTION_STATES, Activity, Application, Participant, Partner, Section
from portal.collab import queries as documents
from portal.collab.models import DocHead
from portal.extensions import db
from portal.members.queries import sort_key


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that a workspace page shows of the application; the same for everybody on the team."""

    application: Application
    meters: dict[int, Meter]
    readings: Mapping[int, documents.Reading]
    deadline: Deadline | None

    def standing(self, section: Section) -> documents.Standing:
        """Whether the section's text takes edits."""
        reading = self.readings.get(section.document_id)
        return reading.standing if reading else documents.OPEN

    def frozen_by(self, section: Section) -> str:
        """Who froze the section: somebody on the team, or who was on it then."""
        by_id = self.standing(section).by_id
        names = (person.user.name for person in self.application.participants if person.user_id == by_id)
        return next(names, str(gettext("Former member")))

    @property
    def frozen(self) -> list[Section]:
        return [section for section in self.application.sections if self.standing(section).is_locked]

    @property
    def ready(self) -> int:
        return count_ready(self.application.sections)

    @property
    def states(self) -> list[tuple[str, int]]:
        return states_in_numbers(self.application.sections)

    @property
    def partners(self) -> list[Partner]:
        """Those who take part or were asked, the lead first."""
        shown = [
            partner for partner in self.application.partners if partner.state in ("accepted", "invited", "declined")
        ]
        return sorted(shown, key=lambda partner: (not partner.is_lead, partner.id))

    @property
    def others(self) -> list[Partner]:
        """Those who take part beside the lead."""
        return [partner for partner in self.partners if partner.state == "accepted" and not partner.is_lead]

    @property
    def joined(self) -> int:
        return sum(partner.state == "accepted" for partner in self.partners)

    @property
    def people(self) -> list[Participant]:
        return people_of(self.application)

    @property
    def pending(self) -> int:
        """How many accepted a link and wait to be let in."""
        return sum(person.is_pending for person in self.application.participants)

    @property
    def to_do(self) -> list[ToDo]:
        return to_do(self)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One line of "Before you can submit"; `section` is where it is done."""

    text: str
    is_done: bool
    section: Section | None = None


def workspace(application: Application) -> Workspace:
    """Read the texts' lengths for an application that `access_application` gave. One statement."""
    readings = documents.readings([section.document_id for section in application.sections])
    meters = {
        section.id: meter_of(section, readings[section.document_id].counts if section.document_id in readings else {})
        for section in application.sections
    }
    return Workspace(application, meters, readings, application.deadline)


def workspace_for_everybody(application_id: int) -> Workspace:
    """The workspace for a fragment, which is drawn once for the whole team. The caller asked no policy: do not
    show it to one person."""
    application = policy.one_whole(sa.select(Application).where(Application.id == application_id))
    if application is None:
        raise LookupError(f"no application {application_id}")
    return workspace(application)


def people_of(application: Application) -> list[Participant]:
    """Those on the team, leads first, then by name."""
    order = {"lead": 0, "writer": 1, "reader": 2}
    people = [person for person in application.participants if person.is_active]
    return sorted(people, key=lambda person: (order[person.role], sort_key(person.user.name)))


def to_do(work: Workspace) -> list[ToDo]:
    """What the portal itself can see is missing; what it cannot see is in the template's list beside it."""
    asked = sum(partner.state == "invited" for partner in work.application.partners)
    unready = len(work.application.sections) - work.ready
    lines = [
        ToDo(
            gettext("Deadline known") if work.deadline else gettext("Find out the deadline"), work.deadline is not None
        ),
        ToDo(
            ngettext("%(num)d partner to answer", "%(num)d partners to answer", asked)
            if asked
            else gettext("Every partner has answered"),
            not asked,
        ),
    ]
    for section in work.application.sections:
        meter = work.meters[section.id]
        if meter.over:
            lines.append(ToDo(gettext("Cut %(amount)s from", amount=meter.amount(meter.over)), False, section))
    lines.append(
        ToDo(
            ngettext("%(num)d section to make ready", "%(num)d sections to make ready", unready)
            if unready
            else gettext("Every section is ready"),
            not unready,
        )
    )
    return lines


def count_ready(sections: Sequence[Section]) -> int:
    return sum(section.state == "ready" for section in sections)


def states_in_numbers(sections: Sequence[Section]) -> list[tuple[str, int]]:
    """(state, how many), ready first, states without a section left out."""
    counts = Counter(section.state for section in sections)
    return [(state, counts[state]) for state in reversed(SECTION_STATES) if counts[state]]


def last_line(section: Section) -> Activity | None:
    """The last move of this section, for the line under its title."""
    query = sa.select(Activity).where(Activity.section_id == section.id).order_by(Activity.id.desc()).limit(1)
    found: Activity | None = db.session.scalar(query.options(joinedload(Activity.actor), joinedload(Activity.section)))
    return found


def last_edit(section: Section) -> datetime | None:
    """When somebody last changed the section's text."""
    edited_at: datetime | None = db.session.scalar(
        sa.select(DocHead.edited_at).where(DocHead.doc_id == section.document_id)
    )
    return edited_at


def activities(application: Application, limit: int = 50) -> Sequence[Activity]:
    """The team's lines, newest first."""
    query = sa.select(Activity).where(Activity.application_id == application.id).order_by(Activity.id.desc())
    return db.session.scalars(
        query.options(joinedload(Activity.actor), joinedload(Activity.section)).limit(limit)
    ).all()
