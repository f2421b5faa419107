"""The network's public facts, as the portal starts with them: read from a file, added where missing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from portal.extensions import db
from portal.members.models import OfficerTerm, Organisation

PATH = Path(__file__).with_name("network.toml")


def read() -> dict[str, list[dict[str, Any]]]:
    """The file: `organisations` and `officers`, each a list of column values."""
    with PATH.open("rb") as file:
        return tomllib.load(file)


def load() -> int:
    """Add the organisations and officers that are not there, and return how many were added.

    An entry is known by its slug or its officer's name, also when it has left or its term has ended,
    so that a later start neither undoes an edit nor brings anybody back.
    """
    facts = read()
    slugs = set(db.session.scalars(sa.select(Organisation.slug)))
    names = set(db.session.scalars(sa.select(OfficerTerm.person_name)))
    missing: list[Any] = [Organisation(**fields) for fields in facts["organisations"] if fields["slug"] not in slugs]
    missing += [
        OfficerTerm(person_name=fields["name"], title=fields.get("title", ""))
        for fields in facts["officers"]
        if fields["name"] not in names
    ]
    db.session.add_all(missing)
    return len(missing)
