"""The sample's application: one leads, one takes part, one is invited; two sections have a text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.applications import actions, templates
from portal.applications.deadlines import Deadline
from portal.applications.models import Application
from portal.clock import utcnow
from portal.collab.actions import create_document
from portal.collab.models import DocAuthor, DocHead, DocState, Document
from portal.extensions import db
from portal.sample import content
from portal.sample.actions.people import Cast


def make_application(cast: Cast) -> Application:
    data = content.read("application")
    template = templates.newest(data["template"])
    if template is None:
        raise LookupError(f"the sample needs the template {data['template']}")
    application = actions.start_application(
        title=data["title"],
        template=template,
        organisation=cast.organisations[data["lead"]["organisation"]],
        deadline=_deadline(data),
        by=cast.people[data["lead"]["person"]],
    )
    application.is_sample, application.deadline_note = True, data["deadline_note"]
    _gather(application, data, cast)
    for text in data["texts"]:
        _write(application, text, cast)
    return application


def _deadline(data: dict[str, Any]) -> Deadline:
    """17:00 at the place, so many days from today there. No clock changes at that hour."""
    zone = data["deadline_zone"]
    today = utcnow().astimezone(ZoneInfo(zone)).date()
    wall = datetime.combine(today + timedelta(days=data["deadline_days"]), datetime.min.time().replace(hour=17))
    return Deadline.from_wall(wall, zone)


def _gather(application: Application, data: dict[str, Any], cast: Cast) -> None:
    """The lead's writers, a partner that accepted with its readers, and one that is invited."""
    lead, home = cast.people[data["lead"]["person"]], cast.organisations[data["lead"]["organisation"]]
    for key in data["lead"]["writers"]:
        actions.add_person(application, cast.people[key], organisation=home, role="writer", by=lead)
    other, speaker = cast.organisations[data["partner"]["organisation"]], cast.people[data["partner"]["person"]]
    partner = actions.invite_partner(application, other, leaders=[], by=lead)
    actions.accept_invitation(partner, by=speaker)
    for key in data["partner"]["readers"]:
        actions.add_person(application, cast.people[key], organisation=other, role="reader", by=speaker)
    actions.invite_partner(application, cast.organisations[data["invited"]["organisation"]], leaders=[], by=lead)


def _write(application: Application, text: dict[str, Any], cast: Cast) -> None:
    """Give a section a document that has its text from the start, in place of the empty one."""
    section = next(each for each in application.sections if each.key == text["key"])
    empty_id = section.document_id
    section.document = create_document("section", [(kind, words) for kind, words in text["paragraphs"]])
    db.session.flush()
    _discard(empty_id)
    actions.move_section(section, text["state"], by=cast.people[text["by"]])


def _discard(document_id: int) -> None:
    for table, column in ((DocHead, DocHead.doc_id), (DocAuthor, DocAuthor.doc_id), (DocState, DocState.doc_id)):
        db.session.execute(sa.delete(table).where(column == document_id))
    db.session.execute(sa.delete(Document).where(Document.id == document_id))
