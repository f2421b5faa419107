"""What the shared documents ask about a section's text: who may do what with it, and where it stands."""

from __future__ import annotations

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext

from portal.applications.models import Application, Section
from portal.applications.policy import document_role, document_roles, lost_write_at, may_manage_document
from portal.collab.kinds import Kind, Place
from portal.extensions import db


def place(document_id: int) -> Place:
    """The section under its application. One statement; the caller has asked the policy."""
    query = sa.select(Section.key, Section.title, Section.application_id, Application.title.label("application"))
    section = db.session.execute(query.join(Section.application).where(Section.document_id == document_id)).one()
    return Place(
        title=section.title,
        url=url_for("applications.section", application_id=section.application_id, key=section.key),
        crumbs=(
            (gettext("Funding"), url_for("applications.index")),
            (section.application, url_for("applications.show", application_id=section.application_id)),
        ),
    )


SECTION = Kind(
    role=document_role,
    roles=document_roles,
    place=place,
    may_manage=may_manage_document,
    lost_write_at=lost_write_at,
)
