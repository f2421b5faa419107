"""Organisations, who speaks for them and since when, officers' terms, and enquiries to join."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.clock import utcnow
from portal.extensions import db

ROLES = ("leader", "deputy", "signatory", "finance", "colleague")  # the highest first
SPEAKING_ROLES = ("leader", "deputy")


class Organisation(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A member. `kind` is "organisation" or "individual" (a researcher viewed as an organisation)."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(16), default="organisation")
    part_of: Mapped[str] = mapped_column(sa.String(200), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    website: Mapped[str] = mapped_column(sa.String(300), default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    left_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation", order_by="Membership.id")

    @property
    def is_individual(self) -> bool:
        return self.kind == "individual"

    @property
    def website_name(self) -> str:
        """The website as people say it: "https://www.example.org/en" -> "example.org"."""
        return urlsplit(self.website).netloc.removeprefix("www.")


class Membership(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A person's role in an organisation, with its dates; an ended one stays as history."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(16))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")

    @property
    def is_current(self) -> bool:
        today = utcnow().date()
        return self.starts_on <= today and (self.ends_on is None or today < self.ends_on)

    @property
    def leads(self) -> bool:
        """Leaders and their deputies invite people, start applications and speak as the organisation."""
        return self.is_current and self.role in SPEAKING_ROLES


class OfficerTerm(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A term of office. The person may have no account (the network's facts name three); a title may be empty."""

    __tablename__ = "officer_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    person_name: Mapped[str] = mapped_column(sa.String(200))
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    user: Mapped[User | None] = relationship(back_populates="officer_terms")

    @property
    def is_current(self) -> bool:
        today = utcnow().date()
        begun = self.starts_on is None or self.starts_on <= today
        return begun and (self.ends_on is None or today < self.ends_on)

    @property
    def is_sample(self) -> bool:
        """Whether the officer is invented."""
        return self.user is not None and self.user.is_sample


class Enquiry(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A message from outside, by `/join` or `/contact`; officers read it once its sender confirmed by mail."""

    __tablename__ = "enquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254))
    organisation: Mapped[str] = mapped_column(sa.String(200), default="")
    message: Mapped[str] = mapped_column(sa.Text)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    read_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    is_sample: Mapped[bool] = mapped_column(default=False)

    read_by: Mapped[User | None] = relationship()
