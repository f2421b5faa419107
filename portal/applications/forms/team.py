"""Organisations and people who are brought in."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from portal.applications.words import ROLES
from portal.members.forms import email_field, name_field
from portal.members.models import Membership, Organisation


class InvitePartnerForm(FlaskForm):  # type: ignore[misc]  # untyped base
    organisation = SelectField(
        _("Organisation"), [InputRequired(_("Choose an organisation."))], coerce=int, id="partner-organisation"
    )

    def offer(self, organisations: Iterable[Organisation]) -> None:
        self.organisation.choices = [
            SelectChoice(0, _("Choose an organisation")),
            *(SelectChoice(each.id, each.name) for each in organisations),
        ]

    def validate_organisation(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(gettext("Choose an organisation."))


class RoleForm(FlaskForm):  # type: ignore[misc]  # untyped base
    role = SelectField(_("Role"), [InputRequired()], default="writer")

    def offer(self, roles: Iterable[str]) -> None:
        self.role.choices = [SelectChoice(role, ROLES[role]) for role in roles]


class AddColleagueForm(RoleForm):
    """Somebody of one's own organisation."""

    user = SelectField(_("Person"), [InputRequired(_("Choose a person."))], coerce=int)
    role = SelectField(_("Role"), [InputRequired()], default="writer", id="colleague-role")  # two forms on one page

    def offer_people(self, people: Iterable[Membership]) -> None:
        self.user.choices = [SelectChoice(each.user_id, each.user.name) for each in people]


class InvitePersonForm(RoleForm):
    """Somebody by mail."""

    name = name_field(_("Name"))
    email = email_field(_("Mail address"))
