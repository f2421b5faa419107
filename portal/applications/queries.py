"""Reads with a name: my applications, one workspace, what changed, what is still to do, who could be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import Invitation, User
from portal.applications import policy
from portal.applications.deadlines import Deadline
from portal.applications.meters import Meter, meter_of
from portal.applications.models import SECTION_STATES, Activity, Application, Participant, Partner, Section
from portal.applications.words import sentence
from portal.clock import utcnow
from portal.collab import queries as documents
from portal.collab.models import DocHead, DocUpdate
from portal.extensions import db
from portal.members.models import SPEAKING_ROLES, Membership, Organisation
from portal.members.policy import visible_organisations
from portal.members.queries import is_current_membership, sort_key

LINES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Changes:
    """What others did since this person's last visit: sections whose text changed, and the team's lines."""

    texts: list[Section] = field(default_factory=list)
    lines: list[Activity] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """At most five short sentences, the texts first."""
        said = [sentence(line) for line in self.lines[:LINES_SHOWN]]
        more = len(self.lines) - len(said)
        if more > 0:
            said.append(ngettext("%(num)d more change", "%(num)d more changes", more))
        return [*self._texts_in_words(), *said]

    def _texts_in_words(self) -> list[str]:
        if not self.texts:
            return []
        first, rest = self.texts[0].title, len(self.texts) - 1
        if rest == 0:
            return [gettext("New text in %(section)s", section=first)]
        return [
            ngettext(
                "New text in %(section)s and %(num)d more section",
                "New text in %(section)s and %(num)d more sections",
                rest,
                section=first,
            )
        ]


@dataclass(frozen=True, slots=True)
class Listed:
    """One application in "my applications"."""

    application: Application
    mine: Participant
    deadline: Deadline | None
    changes: Changes

    @property
    def ready(self) -> int:
        return count_ready(self.application.sections)

    @property
    def states(self) -> list[tuple[str, int]]:
        return states_in_numbers(self.application.sections)


def count_ready(sections: Sequence[Section]) -> int:
    return sum(section.state == "ready" for section in sections)


def states_in_numbers(sections: Sequence[Section]) -> list[tuple[str, int]]:
    """(state, how many), ready first, states without a section left out."""
    counts = Counter(section.state for section in sections)
    return [(state, counts[state]) for state in reversed(SECTION_STATES) if counts[state]]


def my_applications(user: User) -> list[Listed]:
    """Every application whose team the person is on, the nearest deadline first. Six statements."""
    query = policy.visible_applications(user).options(
        joinedload(Application.lead_organisation),
        selectinload(Application.sections),
        selectinload(Application.participants),
    )
    applications = db.session.scalars(query).unique().all()
    mine = {each.id: _place(each, user) for each in applications}
    changes = changes_since_visit(user, [(each, mine[each.id].seen_at) for each in applications])
    listed = [Listed(each, mine[each.id], each.deadline, changes[each.id]) for each in applications]
    return sorted(listed, key=_by_deadline)


def _place(application: Application, user: User) -> Participant:
    return next(person for person in application.participants if person.user_id == user.id)


def _by_deadline(listed: Listed) -> tuple[int, float, int]:
    """Those ahead by date, then those without one, then those that passed, latest first."""
    if listed.deadline is None:
        return 1, 0.0, -listed.application.id
    left = (listed.deadline.at - utcnow()).total_seconds()
    return (0, left, 0) if left >= 0 else (2, -left, 0)


def changes_since_visit(user: User, visits: Sequence[tuple[Application, datetime | None]]) -> dict[int, Changes]:
    """Application id -> what others did since. A first visit has nothing to compare with. Two statements."""
    since = {application.id: seen_at for application, seen_at in visits if seen_at is not None}
    changes = {application.id: Changes() for application, _seen_at in visits}
    if not since:
        return changes
    for activity in db.session.scalars(_lines_since(user, since)):
        changes[activity.application_id].lines.append(activity)
    for section in db.session.scalars(_texts_since(user, since)):
        changes[section.application_id].texts.append(section)
    return changes


def _lines_since(user: User, since: Mapping[int, datetime]) -> sa.Select[Activity]:
    later = sa.or_(*(sa.and_(Activity.application_id == key, Activity.at > at) for key, at in since.items()))
    others = sa.or_(Activity.actor_id.is_(None), Activity.actor_id != user.id)
    query = sa.select(Activity).where(later, others).order_by(Activity.id.desc())
    return query.options(joinedload(Activity.actor), joinedload(Activity.section))


def _texts_since(user: User, since: Mapping[int, datetime]) -> sa.Select[Section]:
    """The head says when a text last changed, the log whether somebody else did it."""
    later = sa.or_(*(sa.and_(Section.application_id == key, DocHead.edited_at > at) for key, at in since.items()))
    earliest = min(since.values())
    by_others = (
        sa.exists()
        .where(DocUpdate.doc_id == Section.document_id, DocUpdate.at > earliest)
        .where(DocUpdate.user_id.is_not(None), DocUpdate.user_id != user.id)
    )
    query = sa.select(Section).join(DocHead, DocHead.doc_id == Section.document_id)
    return query.where(later, by_others).order_by(Section.application_id, Section.position)


# --- one workspace ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that a workspace page shows of the application; the same for everybody on the team."""

    application: Application
    meters: dict[int, Meter]
    readings: Mapping[int, documents.Reading]
    deadline: Deadline | None

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


# --- who could be asked -----------------------------------------------------------------------------------------


def organisations_to_invite(user: User, application: Application) -> list[Organisation]:
    """Members of the network that are not part of it and were not asked, by name."""
    taken = [row.organisation_id for row in application.partners if row.state in ("invited", "accepted")]
    query = visible_organisations(user).where(Organisation.id.not_in(taken))
    return sorted(db.session.scalars(query), key=lambda each: sort_key(each.name))


def leaders_of(organisation: Organisation) -> list[User]:
    """Who may answer for an organisation: its leaders and deputies with an account that is not suspended."""
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation.id, Membership.role.in_(SPEAKING_ROLES))
        .where(is_current_membership(), User.suspended_at.is_(None))
        .order_by(User.id)
    )
    return list(db.session.scalars(query).unique())


def colleagues_to_add(user: User, application: Application) -> list[Membership]:
    """People of one's own organisation on this application who are not on the team, by name."""
    mine = policy.participant_of(user, application)
    if mine is None or mine.is_guest or not policy.can_add_people(user, application):
        return []
    on_it = [person.user_id for person in application.participants if person.removed_at is None]
    query = (
        sa.select(Membership)
        .where(Membership.organisation_id == mine.organisation_id, is_current_membership())
        .where(Membership.user_id.not_in(on_it))
        .options(joinedload(Membership.user), joinedload(Membership.organisation))
    )
    return sorted(db.session.scalars(query), key=lambda each: sort_key(each.user.name))


def open_invitations(application: Application) -> Sequence[Invitation]:
    """Links by mail that nobody has used yet, oldest first."""
    query = policy.visible_invitations(application).options(joinedload(Invitation.invited_by)).order_by(Invitation.id)
    return db.session.scalars(query).all()


# --- what waits -------------------------------------------------------------------------------------------------


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


def waiting_to_be_let_in(user: User) -> list[Participant]:
    """The person's own places that nobody has confirmed yet: title and inviter, nothing else."""
    query = (
        sa.select(Participant)
        .where(Participant.user_id == user.id, Participant.confirmed_at.is_(None), Participant.removed_at.is_(None))
        .options(joinedload(Participant.application), joinedload(Participant.added_by))
        .order_by(Participant.added_at)
    )
    return list(db.session.scalars(query))


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
