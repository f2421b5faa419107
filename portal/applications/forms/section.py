"""A section's state, and the partner who writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.applications.words import STATES
from portal.members.models import Organisation


class StateForm(FlaskForm):  # type: ignore[misc]  # untyped base
    """Where a section goes; nothing goes back to "not started"."""

    state = SelectField(_("State"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = [SelectChoice(key, word) for key, word in STATES.items() if key != "not_started"]


class AssignForm(FlaskForm):  # type: ignore[misc]  # untyped base
    """Which partner writes a section."""

    organisation = SelectField(_("Written by"), [InputRequired()], coerce=int)

    def offer(self, organisations: Iterable[Organisation]) -> None:
        self.organisation.choices = [SelectChoice(each.id, each.name) for each in organisations]
