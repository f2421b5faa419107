"""Joint funding applications: the call's template, partners, the people on it, and its sections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.applications.deadlines import Deadline
from portal.clock import utcnow
from portal.collab.models import Document
from portal.extensions import db
from portal.members.models import Organisation

ROLES = ("lead", "writer", "reader")
WRITING_ROLES = ("lead", "writer")
SECTION_STATES = ("not_started", "drafting", "in_review", "ready")
INVITATION_KIND = "application"  # of the links by mail that lead here
PARTNER_STATES = ("invited", "accepted", "declined", "withdrawn", "left")


class Application(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """One joint application to one call. It pins the template's version.

    The deadline is the funder's wall time in the funder's zone (`deadline_wall` as "2026-12-18T17:00",
    `deadline_zone` an IANA name, `deadline_fold` the second of two equal wall times in autumn);
    `deadline_at` is that instant, recomputed when zone data change. All are None while nobody knows it.
    """

    __tablename__ = "applications"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    template_id: Mapped[str] = mapped_column(sa.String(64))
    template_version: Mapped[str] = mapped_column(sa.String(32))
    deadline_wall: Mapped[str | None] = mapped_column(sa.String(16))
    deadline_zone: Mapped[str | None] = mapped_column(sa.String(64))
    deadline_fold: Mapped[bool] = mapped_column(default=False)
    deadline_at: Mapped[datetime | None]
    deadline_note: Mapped[str] = mapped_column(sa.String(300), default="")
    lead_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    is_sample: Mapped[bool] = mapped_column(default=False)

    lead_organisation: Mapped[Organisation] = relationship()
    created_by: Mapped[User] = relationship()
    sections: Mapped[list[Section]] = relationship(back_populates="application", order_by="Section.position")
    partners: Mapped[list[Partner]] = relationship(back_populates="application", order_by="Partner.id")
    participants: Mapped[list[Participant]] = relationship(back_populates="application", order_by="Participant.id")

    @property
    def deadline(self) -> Deadline | None:
        """The four columns as one thing, or None while nobody knows it. Setting it drops the note on the former."""
        if self.deadline_wall is None or self.deadline_zone is None or self.deadline_at is None:
            return None
        return Deadline(wall=self.deadline_wall, zone=self.deadline_zone, at=self.deadline_at, fold=self.deadline_fold)

    @deadline.setter
    def deadline(self, deadline: Deadline | None) -> None:
        self.deadline_note = ""
        self.deadline_wall = deadline.wall if deadline else None
        self.deadline_zone = deadline.zone if deadline else None
        self.deadline_at = deadline.at if deadline else None
        self.deadline_fold = deadline.fold if deadline else False


class Partner(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """An organisation's part in an application: invited, accepted, declined, withdrawn or left."""

    __tablename__ = "application_partners"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "organisation_id", name="uq_application_partners_organisation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(16), default="invited")
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    invited_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="partners")
    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])


class Participant(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A person on the team: lead, writer or reader. Removal keeps the row, so that names in the text stay.

    Somebody who came by a link sees nothing until `confirmed_at`: the inviter first sees who accepted.
    A guest is on the team without being one of the organisation's people; the organisation answers for them.
    `wrote_until` is when they last lost the right to write, by another role or with their place; None if never.
    """

    __tablename__ = "application_participants"
    __table_args__ = (sa.UniqueConstraint("application_id", "user_id", name="uq_application_participants_user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(sa.String(16))
    is_guest: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    wrote_until: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="participants")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    added_by: Mapped[User | None] = relationship(foreign_keys=[added_by_id])
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def is_active(self) -> bool:
        """On the team: confirmed and not removed."""
        return self.removed_at is None and self.confirmed_at is not None

    @property
    def writes(self) -> bool:
        """On the team with a role that changes texts."""
        return self.is_active and self.role in WRITING_ROLES

    @property
    def is_pending(self) -> bool:
        """Accepted a link, and nobody has confirmed them yet."""
        return self.removed_at is None and self.confirmed_at is None


class Section(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """One answer of the form. Its text is a shared document; `limit` is e.g. {"words": 500}, from the template.

    `organisation_id` is the partner that writes it; None means the lead organisation.
    """

    __tablename__ = "application_sections"
    __table_args__ = (sa.UniqueConstraint("application_id", "key", name="uq_application_sections_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"))
    key: Mapped[str] = mapped_column(sa.String(64))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(200))
    guidance: Mapped[str] = mapped_column(sa.Text, default="")
    limit: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    count_rule: Mapped[str] = mapped_column(sa.String(32), default="unknown")
    state: Mapped[str] = mapped_column(sa.String(16), default="not_started")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), unique=True)

    application: Mapped[Application] = relationship(back_populates="sections")
    document: Mapped[Document] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def state_rank(self) -> int:
        """How far it is: 0 not started, 3 ready."""
        return SECTION_STATES.index(self.state)


class Activity(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A line that the team can read: who moved a section, who joined, which partner answered.

    `verb` names the sentence (`words.ACTIVITY`); `details` holds its names and states, never text from a section.
    """

    __tablename__ = "application_activities"
    __table_args__ = (sa.Index("ix_application_activities_application_at", "application_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("applications.id"))
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application_sections.id"), index=True)
    verb: Mapped[str] = mapped_column(sa.String(32))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    application: Mapped[Application] = relationship()
    section: Mapped[Section | None] = relationship()
    actor: Mapped[User | None] = relationship()
