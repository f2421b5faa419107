"""People and how they come in: accounts, sessions, single-use links, invitations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.clock import utcnow
from portal.extensions import db

if TYPE_CHECKING:
    from portal.members.models import Membership, OfficerTerm

STEP_UP = timedelta(minutes=10)
IDLE = timedelta(hours=12)
IDLE_ON_OWN_DEVICE = timedelta(days=60)


def expiry(own_device: bool, seen_at: datetime) -> datetime:
    """When a session ends that was last used at `seen_at`."""
    return seen_at + (IDLE_ON_OWN_DEVICE if own_device else IDLE)


class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A person with a login. `email` is kept as typed, `email_key` (casefolded) is unique.

    `time_zone` is an IANA name, or None until the person confirmed one. An erased person's row stays, without anything
    that says who they were: what they wrote refers to it.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254))
    email_key: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    suspended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship("Membership", back_populates="user", order_by="Membership.id")
    officer_terms: Mapped[list[OfficerTerm]] = relationship("OfficerTerm", back_populates="user")

    @staticmethod
    def key_of(email: str) -> str:
        """What makes two spellings one address."""
        return email.strip().casefold()

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def current_memberships(self) -> list[Membership]:
        return [membership for membership in self.memberships if membership.is_current]

    @property
    def membership(self) -> Membership | None:
        """The first current membership; almost everybody has one."""
        return next(iter(self.current_memberships), None)

    @property
    def is_officer(self) -> bool:
        return any(term.is_current for term in self.officer_terms)

    @property
    def is_member(self) -> bool:
        return bool(self.current_memberships)


class AuthSession(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """One signed-in browser. The cookie carries the id and a secret; the row has the secret's SHA-256."""

    __tablename__ = "auth_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    own_device: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(sa.String(200), default="")

    user: Mapped[User] = relationship()

    @property
    def is_stepped_up(self) -> bool:
        return self.verified_at is not None and utcnow() - self.verified_at < STEP_UP


class SignInLink(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A single-use link by mail, good for 15 minutes; a forgotten password is the same link."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Invitation(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A link that brings one person in, once, within 14 days. What it opens is its kind's business.

    `kind` names an entry of `accounts.invitations.kinds`, `subject_id` what it is about there
    (an organisation, an application), `role` what the person will be.
    """

    __tablename__ = "invitations"
    __table_args__ = (sa.Index("ix_invitations_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int | None]
    role: Mapped[str] = mapped_column(sa.String(32), default="")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    voided_at: Mapped[datetime | None]

    invited_by: Mapped[User | None] = relationship(foreign_keys=[invited_by_id])
    accepted_by: Mapped[User | None] = relationship(foreign_keys=[accepted_by_id])

    fresh_token = ""  # set by the action that made it, never stored

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.voided_at is None and now < self.expires_at


class Erasure(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """That an account was erased. `joined_at` tells its row from another of the same number in a restored backup.

    No foreign key: the line outlives the row, and a copy of it outlives the database (`erasure_log`).
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    joined_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(default=utcnow)
