"""People with accounts, and invitations."""

from __future__ import annotations

from typing import Any

from portal.accounts import invitations, passwords
from portal.accounts.actions import invite
from portal.accounts.models import Invitation, User
from portal.extensions import db
from tests.builders.base import Base

PASSWORD = "four quiet herons wade"


class AccountBuilders(Base):
    def person(self, name: str, *, password: str = "", **fields: Any) -> User:
        """Somebody with an account and nothing else. Without a `password` they come in by `sign_in` or a link.

        `email` is made from the name when it is not given.
        """
        email = fields.pop("email", "") or f"{name.split(maxsplit=1)[0].lower()}-{next(self.numbers)}@example.org"
        with self.app.app_context():
            password_hash = passwords.hash_password(password) if password else None
        with self.saved():
            user = User(
                **{
                    "name": name,
                    "email": email,
                    "email_key": User.key_of(email),
                    "password_hash": password_hash,
                    "memberships": [],
                    "officer_terms": [],
                    **fields,
                }
            )
            db.session.add(user)
        return user

    def invitation(self, kind: str, *, by: User | None = None, **fields: Any) -> tuple[Invitation, str]:
        """An open invitation and the path of its link."""
        with self.saved():
            inviter = db.session.get_one(User, by.id) if by else None
            invitation = invite(kind=kind, by=inviter, **{"email": "guest@example.org", **fields})
        return invitation, invitations.path(invitation.fresh_token)
