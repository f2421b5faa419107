"""Organisations, the people who speak for them, officers, and people without a membership."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.clock import utcnow
from portal.extensions import db
from portal.members.models import Membership, OfficerTerm, Organisation
from portal.web.slugs import slug_for
from tests.builders.base import Base


class MemberBuilders(Base):
    def organisation(self, name: str = "", **fields: Any) -> Organisation:
        """A member organisation; its slug comes from its name."""
        name = name or f"Centre {next(self.numbers)}"
        with self.saved():
            organisation = Organisation(**{"name": name, "slug": slug_for(name, otherwise="member"), **fields})
            db.session.add(organisation)
        return organisation

    def leader(self, name: str, organisation: Organisation | None = None, **fields: Any) -> User:
        """A leader, of an organisation of their own when none is named."""
        return self.member(name, "leader", organisation, **fields)

    def deputy(self, name: str, organisation: Organisation | None = None, **fields: Any) -> User:
        return self.member(name, "deputy", organisation, **fields)

    def colleague(self, name: str, organisation: Organisation | None = None, **fields: Any) -> User:
        return self.member(name, "colleague", organisation, **fields)

    def member(self, name: str, role: str, organisation: Organisation | None = None, **fields: Any) -> User:
        """A person with one current membership (`user.membership.organisation` is loaded)."""
        organisation = organisation or self.organisation(f"{name} Centre {next(self.numbers)}")
        with self.saved():
            home = db.session.get_one(Organisation, organisation.id)
            user = self._new_person(name, **fields)
            user.memberships = [Membership(organisation=home, role=role, starts_on=utcnow().date())]
            db.session.add(user)
        return user

    def officer(self, name: str, organisation: Organisation | None = None, *, title: str = "", **fields: Any) -> User:
        """An officer of the network; also a leader when an organisation is named."""
        with self.saved():
            user = self._new_person(name, **fields)
            user.officer_terms = [OfficerTerm(person_name=name, title=title, starts_on=utcnow().date())]
            if organisation:
                home = db.session.get_one(Organisation, organisation.id)
                user.memberships = [Membership(organisation=home, role="leader", starts_on=utcnow().date())]
            db.session.add(user)
        return user

    def associate(self, name: str, **fields: Any) -> User:
        """An account without membership."""
        with self.saved():
            user = self._new_person(name, **fields)
            db.session.add(user)
        return user

    def _new_person(self, name: str, **fields: Any) -> User:
        """Both lists are set, so that asking for a role after the test's transaction needs no database."""
        email = fields.pop("email", f"{slug_for(name, otherwise='member')}-{next(self.numbers)}@example.org")
        return User(name=name, email=email, email_key=email.casefold(), memberships=[], officer_terms=[], **fields)
