"""The forms of signing in and of one's own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.accounts import passwords, zones
from portal.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])

MAIL_NEEDED = _("Enter your mail address.")
PASSWORD_NEEDED = _("Enter your password.")
CHOICE_NEEDED = _("Choose a password.")
NAME_NEEDED = _("Enter your name.")
STALE = _("This page was open for a long time, or you signed in or out elsewhere. Please send it once more.")


def zone_choices(current: str | None = None, *, ask: Any = None) -> list[SelectChoice]:
    """Zones by city under their continents; `ask` stands first with an empty value, for a field that may have none.

    `current` is among them also when today's table lacks it.
    """
    zone_groups = zones.choices(current).items()
    listed = [
        SelectChoice(zone, label, optgroup=group or None) for group, pairs in zone_groups for zone, label in pairs
    ]
    return [SelectChoice("", ask), *listed] if ask else listed


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Checks its CSRF token itself, so that an old token shows the form again with what was typed in it.

    The view that validates one is marked `@checks_its_own_token`.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        fresh = _is_token_good()
        valid: bool = super().validate(extra_validators)
        if not fresh:
            self.csrf_token.errors = [STALE]
        return valid and fresh


def checks_its_own_token(view: View) -> View:
    """Leave the CSRF check of this view to its `Form`, which it must validate before it does anything."""
    csrf.exempt(view)
    return view


def _is_token_good() -> bool:
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


class PasswordChoice:
    """Is the chosen password long enough and not among the first that somebody would try?"""

    def __call__(self, form: Any, field: PasswordField) -> None:
        password = passwords.normal(field.data or "")
        if len(password) < passwords.SHORTEST:
            raise ValidationError(gettext("Use %(count)d characters or more.", count=passwords.SHORTEST))
        if len(password) > passwords.LONGEST:
            raise ValidationError(gettext("Use %(count)d characters or fewer.", count=passwords.LONGEST))
        if passwords.is_too_easy(password, name=form.person_name, email=form.person_email):
            raise ValidationError(gettext("This one is easy to guess. Three or four unrelated words work well."))


class SignInForm(Form):
    """Mail address and password."""

    email = EmailField(_("Mail address"), [DataRequired(MAIL_NEEDED), Length(max=254)])
    password = PasswordField(_("Password"), [DataRequired(PASSWORD_NEEDED), Length(max=1000)])
    own_device = BooleanField(_("This is my own device"))
    next = HiddenField()


class LinkRequestForm(Form):
    """Ask for a link by mail."""

    email = EmailField(_("Mail address"), [DataRequired(MAIL_NEEDED), Length(max=254)])
    next = HiddenField()


class UseLinkForm(Form):
    """The button that signs in: a mail scanner opens links but presses nothing."""

    own_device = BooleanField(_("This is my own device"))
    next = HiddenField()


class AcceptForm(Form):
    """Say yes to an invitation with the account that is signed in."""


class JoinForm(Form):
    """Say yes to an invitation and make an account."""

    name = StringField(_("Your name"), [DataRequired(NAME_NEEDED), Length(max=200)])
    password = PasswordField(_("Choose a password"), [DataRequired(CHOICE_NEEDED), PasswordChoice()])
    own_device = BooleanField(_("This is my own device"))

    person_email = ""

    @property
    def person_name(self) -> str:
        return self.name.data or ""


class ConfirmForm(Form):
    """Show again who you are."""

    password = PasswordField(_("Your password"), [DataRequired(PASSWORD_NEEDED), Length(max=1000)])
    next = HiddenField()


class PasswordForm(Form):
    """A new password."""

    password = PasswordField(_("New password"), [DataRequired(CHOICE_NEEDED), PasswordChoice()])

    person_name = person_email = ""


class EraseForm(Form):
    """Yes to erasing one's own account, ticked: it cannot be undone."""

    is_sure = BooleanField(
        _("Erase my account for good"), [DataRequired(_("Tick the box if you want to erase your account."))]
    )


class ProfileForm(Form):
    """What others see of a person."""

    name = StringField(_("Your name"), [DataRequired(NAME_NEEDED), Length(max=200)])


class TimeZoneForm(Form):
    """The zone that a person's times are shown in."""

    time_zone = SelectField(_("Your time"), validate_choice=False)
    next = HiddenField()

    def offer(self, current: str | None) -> None:
        """Fill the select; nothing is chosen for a person who has not confirmed a zone."""
        self.time_zone.choices = zone_choices(current, ask=None if current else _("Choose a city in your zone"))

    def validate_time_zone(self, field: SelectField) -> None:
        if not zones.is_known(field.data or ""):
            raise ValidationError(gettext("Choose a city from the list."))
