"""My applications, the nearest deadline first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import User
from portal.applications import policy
from portal.applications.deadlines import Deadline
from portal.applications.models import Application, Participant
from portal.applications.queries.changes import Changes, changes_since_visit
from portal.applications.queries.workspace import count_ready, states_in_numbers
from portal.clock import utcnow
from portal.extensions import db


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
