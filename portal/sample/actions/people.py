"""The sample's organisations and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.accounts.actions import create_person
from portal.accounts.models import User
from portal.members.actions import create_organisation, start_membership, start_officer_term
from portal.members.models import Organisation
from portal.sample import content, queries


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who, by the keys of the files."""

    organisations: dict[str, Organisation]
    people: dict[str, User]

    @property
    def addresses(self) -> set[str]:
        return {person.email for person in self.people.values()}


def make_people(hashes: dict[str, str]) -> Cast:
    """Organisations, people, roles and officers. `hashes` are password hashes by mail address."""
    data = content.read("people")
    organisations = {fields.pop("key"): _organisation(fields) for fields in data["organisations"]}
    people = {fields["key"]: _person(fields, organisations, hashes) for fields in data["people"]}
    return Cast(organisations, people)


def _organisation(fields: dict[str, Any]) -> Organisation:
    text = fields.pop("description").strip()
    return create_organisation(by=None, is_sample=True, description=text, **fields)


def _person(fields: dict[str, Any], organisations: dict[str, Organisation], hashes: dict[str, str]) -> User:
    person = create_person(
        name=fields["name"],
        email=fields["email"],
        password_hash=hashes[fields["email"]],
        time_zone=fields["time_zone"],
        is_sample=True,
    )
    if "role" in fields:
        start_membership(organisations[fields["organisation"]], person, role=fields["role"], by=None)
    if fields.get("is_officer"):
        start_officer_term(person, named=person.name, by=None)
    return person


def renew_passwords(hashes: dict[str, str]) -> None:
    """Set the passwords of those who are in `hashes`, by mail address."""
    for person in queries.sample_people():
        person.password_hash = hashes.get(person.email, person.password_hash)
