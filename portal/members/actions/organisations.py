"""A new member, and its profile."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal import audit
from portal.accounts.models import User
from portal.extensions import db
from portal.members.models import Organisation
from portal.members.names import MAX_SLUG, slug_for

RESERVED = {"enquiries", "new"}  # addresses below /members that are not organisations


def create_organisation(*, name: str, by: User | None, **fields: Any) -> Organisation:
    """Add a member to the network. `fields` are columns of Organisation; the slug is made from the name."""
    organisation = Organisation(name=name, slug=free_slug(name), **fields)
    db.session.add(organisation)
    db.session.flush()
    audit.record("organisation_created", by=by, about=organisation)
    return organisation


def free_slug(name: str) -> str:
    """A slug nobody has: "centre", "centre-2", ..."""
    stem = slug_for(name)
    pattern = sa.func.substr(Organisation.slug, 1, len(stem)) == stem
    taken = set(db.session.scalars(sa.select(Organisation.slug).where(pattern))) | RESERVED
    slug, number = stem, 2
    while slug in taken:
        ending = f"-{number}"
        slug, number = stem[: MAX_SLUG - len(ending)] + ending, number + 1
    return slug


def edit_organisation(organisation: Organisation, *, by: User, **fields: Any) -> None:
    """Change the profile. Its address stays what it was, so that links to it keep working."""
    changed = [name for name, value in fields.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, fields[name])
    if changed:
        audit.record("organisation_edited", by=by, about=organisation, fields=changed)
