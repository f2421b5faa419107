"""An account is erased: what the team reads about that person loses the name."""

from __future__ import annotations

import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Activity
from portal.extensions import db


def forget_name(user: User) -> None:
    """Put the name that the account has now into every line about the person, in all applications."""
    lines = sa.select(Activity).where(Activity.details["user_id"].as_integer() == user.id)
    for line in db.session.scalars(lines):
        line.details = {**line.details, "person": user.name}
    db.session.flush()
