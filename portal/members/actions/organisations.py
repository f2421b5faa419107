"""A new member, and its profile."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal import audit
from portal.accounts.models import User
from portal.extensions import db
from portal.members.models import Organisation
from portal.web.slugs import first_free, slug_for

RESERVED_SLUGS = frozenset({"enquiries", "new"})  # addresses below /members that are not organisations


def create_organisation(*, name: str, by: User | None, **fields: Any) -> Organisation:
    """Add a member to the network. `fields` are columns of Organisation; the slug is made from the name."""
    organisation = Organisation(name=name, slug=free_slug(name), **fields)
    db.session.add(organisation)
    db.session.flush()
    audit.record("organisation_created", by=by, about=organisation)
    return organisation


def free_slug(name: str) -> str:
    """A slug that nobody has."""
    return first_free(
        slug_for(name, otherwise="member"), RESERVED_SLUGS | set(db.session.scalars(sa.select(Organisation.slug)))
    )


def edit_organisation(organisation: Organisation, *, by: User, **fields: Any) -> None:
    """Change the profile. Its address stays what it was, so that links to it keep working."""
    changed = [name for name, value in fields.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, fields[name])
    if changed:
        audit.record("organisation_edited", by=by, about=organisation, fields=changed)
