"""What people type about organisations, people and enquiries: shape and messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation, ValidationError

from portal.accounts.forms import Form, zone_choices
from portal.members import words
from portal.web.typed import one_line, paragraphs

NOT_STATED = SelectChoice("", _("Not stated"))


def mail_address(form: FlaskForm, field: Field) -> None:
    """An address that mail can be sent to: one, ASCII on the wire, no line break. Its domain is not looked up."""
    try:
        field.data = address_of(field.data or "")
    except ValueError as error:
        raise StopValidation(_("Enter a mail address in the form name@example.org.")) from error


def address_of(text: str) -> str:
    """The address that `text` is, with its domain as mail servers know it. Raises ValueError."""
    from email_validator import validate_email  # noqa: PLC0415  # 25 ms at import, and few send forms

    checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    return checked.ascii_email or checked.normalized


def web_address(form: FlaskForm, field: Field) -> None:
    parts = urlsplit(field.data)
    if parts.scheme not in ("http", "https") or "." not in parts.netloc or " " in field.data:
        raise ValidationError(_("Enter a web address that begins with https:// or http://."))


def name_field(label: Any) -> StringField:
    return StringField(
        label,
        filters=[one_line],
        validators=[DataRequired(_("Enter a name.")), Length(max=200, message=_("Use at most 200 characters."))],
    )


def email_field(label: Any) -> EmailField:
    return EmailField(label, filters=[one_line], validators=[DataRequired(_("Enter a mail address.")), mail_address])


def short_field(label: Any, longest: int) -> StringField:
    message = _("Use at most %(longest)s characters.", longest=longest)
    return StringField(label, filters=[one_line], validators=[Length(max=longest, message=message)])


class EnquiryForm(Form):
    """`/join` and `/contact`. `website` is not for people: who fills it in is a program."""

    name = name_field(_("Your name"))
    email = email_field(_("Your mail address"))
    organisation = short_field(_("Your organisation"), 200)
    message = TextAreaField(
        _("Your message"),
        filters=[paragraphs],
        validators=[
            DataRequired(_("Write a message.")),
            Length(max=5000, message=_("Use at most 5,000 characters.")),
        ],
    )
    website = StringField(_("Leave this empty"))

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.website.data)

    @property
    def enquiry(self) -> dict[str, str]:
        """The columns of Enquiry that were filled in."""
        return {name: self[name].data for name in ("name", "email", "organisation", "message")}


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Whom to bring into an organisation, as what. The view sets which roles may be given."""

    name = name_field(_("Their name"))
    email = email_field(_("Their mail address"))
    role = RadioField(_("They will be"), validators=[InputRequired(_("Choose a role."))])

    def offer(self, roles: tuple[str, ...]) -> None:
        self.role.choices = [SelectChoice(role, words.ROLES[role]) for role in roles]
        if self.role.data is None:
            self.role.data = roles[0]


class ProfileForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What the directory says about an organisation."""

    place = short_field(_("Town or city"), 120)
    country = SelectField(_("Country"), validators=[Optional()])
    time_zone = SelectField(_("Time zone"), validators=[Optional()])
    website = StringField(
        _("Website"),
        filters=[one_line],
        validators=[Optional(), Length(max=300, message=_("Use at most 300 characters.")), web_address],
    )
    description = TextAreaField(
        _("What the organisation does"),
        filters=[paragraphs],
        validators=[Length(max=2000, message=_("Use at most 2,000 characters."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [NOT_STATED, *(SelectChoice(code, name) for code, name in words.countries())]
        self.time_zone.choices = zone_choices(self.time_zone.object_data, ask=_("Not stated"))

    @property
    def profile(self) -> dict[str, Any]:
        """The columns of Organisation that were filled in."""
        return {
            "place": self.place.data,
            "country": self.country.data,
            "time_zone": self.time_zone.data or None,
            "website": self.website.data or "",
            "description": self.description.data,
        }


class OrganisationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A new member, and the leader who is invited to speak for it."""

    name = name_field(_("Name of the member"))
    kind = RadioField(
        _("What it is"),
        choices=[
            SelectChoice("organisation", _("An organisation")),
            SelectChoice("individual", _("An individual researcher, viewed as an organisation")),
        ],
        default="organisation",
    )
    part_of = short_field(_("Part of"), 200)
    leader_name = name_field(_("Name of its leader"))
    leader_email = email_field(_("Mail address of its leader"))
