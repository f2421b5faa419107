"""Whether anything of the sample is there."""

from __future__ import annotations

import sqlalchemy as sa

from portal.accounts.models import User
from portal.extensions import db


def has_sample() -> bool:
    """Whether sample accounts exist. Production refuses to start while they do."""
    return bool(db.session.scalar(sa.select(sa.exists().where(User.is_sample))))


def sample_people() -> list[User]:
    """The invented people, in the order in which they were made."""
    return list(db.session.scalars(sa.select(User).where(User.is_sample).order_by(User.id)))
