"""Applications with their sections, partners and teams."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.accounts.models import User
from portal.applications import actions, templates
from portal.applications.actions.team import place
from portal.applications.deadlines import Deadline
from portal.applications.models import Application, Participant, Partner
from portal.clock import utcnow
from portal.collab import actions as documents
from portal.collab import reader
from portal.collab.models import DocRescue, DocVersion
from portal.extensions import db
from portal.members.models import Organisation
from tests.builders.members import MemberBuilders

RSMF = "ssi-rsmf-full"


class ApplicationBuilders(MemberBuilders):
    def application(
        self, lead: User | None = None, title: str = "", deadline: tuple[str, str] | None = None
    ) -> Application:
        """An application on the RSMF form, led by a leader; `deadline` is (wall time, zone)."""
        lead = lead or self.leader(f"Lead {next(self.numbers)}")
        with self.saved():
            user = db.session.get_one(User, lead.id)
            due = Deadline.from_wall(datetime.fromisoformat(deadline[0]), deadline[1]) if deadline else None
            application = actions.start_application(
                title=title or f"Application {next(self.numbers)}",
                template=templates.newest(RSMF),
                organisation=user.membership.organisation,
                deadline=due,
                by=user,
            )
            assert application.sections
            assert application.participants
        return application

    def participant(
        self, application: Application, user: User, role: str = "writer", *, guest: bool = False, confirmed: bool = True
    ) -> Participant:
        """Somebody on the team: for their own organisation (which then takes part), or as a guest of the lead's."""
        with self.saved():
            found = db.session.get_one(Application, application.id)
            person = db.session.get_one(User, user.id)
            home = found.lead_organisation if guest or person.membership is None else person.membership.organisation
            if home.id not in {partner.organisation_id for partner in found.partners}:
                db.session.add(Partner(application=found, organisation=home, state="accepted", decided_at=utcnow()))
                db.session.flush()
            return place(
                found,
                person,
                organisation=home,
                role=role,
                by=found.created_by,
                is_guest=guest or person.membership is None,
                confirmed=confirmed,
            )

    def version(self, document_id: int, kind: str = "daily") -> DocVersion:
        """A version of a text, read."""
        with self.saved():
            version = documents.keep_version(document_id, kind)
        with self.app.app_context():
            reader.read_versions()
        return version

    def rescue(self, document_id: int, user: User, text: str = "Words that came too late", **values: Any) -> DocRescue:
        """Words that somebody handed in, as the reader process has read them."""
        with self.saved():
            row = {
                "reason": "role",
                "epoch": 1,
                "base_seq": 0,
                "read_at": utcnow(),
                "text": text,
                "body": b"",
                **values,
            }
            rescue = DocRescue(doc_id=document_id, user_id=user.id, **row)
            db.session.add(rescue)
        return rescue

    def partner(self, application: Application, organisation: Organisation, state: str = "invited") -> Partner:
        """An organisation that was asked."""
        with self.saved():
            found = db.session.get_one(Application, application.id)
            partner = Partner(
                application=found,
                organisation=db.session.get_one(Organisation, organisation.id),
                state=state,
                invited_by=found.created_by,
            )
            db.session.add(partner)
        return partner
