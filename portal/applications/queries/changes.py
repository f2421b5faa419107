"""What others did since somebody's last visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from portal.accounts.models import User
from portal.applications.models import Activity, Application, Section
from portal.applications.words import sentence
from portal.collab.models import DocHead, DocUpdate
from portal.extensions import db

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
