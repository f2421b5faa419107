"""What roles and places are called on a page."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

from portal.members.models import Organisation

ROLES = {
    "leader": lazy_gettext("Leader"),
    "deputy": lazy_gettext("Deputy leader"),
    "signatory": lazy_gettext("Signatory"),
    "finance": lazy_gettext("Finance contact"),
    "colleague": lazy_gettext("Colleague"),
}
NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}  # groups and private codes in Unicode's list


def init_app(app: Flask) -> None:
    """Give templates `members_role` and `members_belongs_to`."""
    app.jinja_env.filters.update(members_role=role, members_belongs_to=belongs_to)


def role(name: str) -> Any:
    """ "deputy" -> "Deputy leader"."""
    return ROLES[name]


def belongs_to(organisation: Organisation) -> str:
    """Where a member is at home, as far as it is stated: "Part of University of Leicester, United Kingdom"."""
    affiliation = organisation.part_of
    if affiliation and not organisation.is_individual:
        affiliation = _("Part of %(whole)s", whole=affiliation)
    return ", ".join(filter(None, (affiliation, organisation.place, country(organisation.country))))


def country(code: str) -> str:
    """ "GB" -> "United Kingdom", in the portal's language; a code that is not known stays."""
    return str(get_locale().territories.get(code, code))


def countries() -> list[tuple[str, str]]:
    """ISO 3166 codes with their names in the portal's language, by name."""
    territories = get_locale().territories
    codes = (code for code in territories if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES)
    return sorted(((code, territories[code]) for code in codes), key=lambda pair: pair[1])
