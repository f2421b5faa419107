"""People with accounts."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.extensions import db
from tests.builders.base import Base


class AccountBuilders(Base):
    def person(self, name: str, **fields: Any) -> User:
        """Somebody with an account and nothing else. `email` is made from the name when it is not given."""
        email = fields.pop("email", "") or f"{name.split(maxsplit=1)[0].lower()}-{next(self.numbers)}@example.org"
        with self.saved():
            user = User(
                **{
                    "name": name,
                    "email": email,
                    "email_key": email.casefold(),
                    "memberships": [],
                    "officer_terms": [],
                    **fields,
                }
            )
            db.session.add(user)
        return user
