"""Reads of people and sessions that have a name."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from portal.accounts.erasure_log import Entry
from portal.accounts.models import AuthSession, Erasure, User
from portal.clock import utcnow
from portal.extensions import db


def person_with_address(email: str) -> User | None:
    """Who has this mail address, however it is written."""
    return db.session.scalar(sa.select(User).where(User.email_key == User.key_of(email)))


def credentials(email: str) -> tuple[int, str | None] | None:
    """(person's id, stored hash) of an address as plain values, to be checked outside the transaction."""
    row = db.session.execute(sa.select(User.id, User.password_hash).where(User.email_key == User.key_of(email))).first()
    return (row.id, row.password_hash) if row else None


def sessions_of(user: User) -> list[AuthSession]:
    """Where a person is signed in, last used first."""
    query = (
        sa.select(AuthSession)
        .where(AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None), AuthSession.expires_at > utcnow())
        .order_by(AuthSession.seen_at.desc(), AuthSession.id.desc())
    )
    return list(db.session.scalars(query))


def not_yet_erased(user_id: int, joined_at: datetime) -> User | None:
    """The account of this number that was made at this instant, unless it is erased already."""
    query = sa.select(User).where(User.id == user_id, User.created_at == joined_at, User.erased_at.is_(None))
    user: User | None = db.session.scalar(query)
    return user


def erasures() -> list[Entry]:
    """Every erasure that the database knows, oldest first."""
    rows = db.session.scalars(sa.select(Erasure).order_by(Erasure.id))
    return [Entry(row.user_id, row.joined_at, row.at) for row in rows]
