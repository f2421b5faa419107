"""The shape of what people write on the boards, and the sentences when it does not fit."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from portal.boards.policy import AUDIENCES
from portal.richtext.markdown import MAX_CHARACTERS
from portal.web.typed import lines, one_line

TITLE_LENGTH = 200


def fresh_key() -> str:
    """What makes two submissions of one form the same submission."""
    return str(uuid.uuid4())


def fits_into_a_post(_form: Any, field: Any) -> None:
    """Not empty, and not longer than a post may be."""
    if not field.data.strip():
        raise ValidationError(gettext("Write something first."))
    if len(field.data) > MAX_CHARACTERS:
        raise ValidationError(
            gettext(
                "Your text has %(count)s characters and a post takes %(limit)s. "
                "Please shorten it, or post it in two parts.",
                count=f"{len(field.data):,}",
                limit=f"{MAX_CHARACTERS:,}",
            )
        )


class PostForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A reply. `seen` is the number of the last post on the page it was written on."""

    body = TextAreaField(_("Your reply"), filters=[lines], validators=[fits_into_a_post])
    submission_key = HiddenField(default=fresh_key, validators=[Optional(), Length(max=36)])
    seen = IntegerField(validators=[Optional(), NumberRange(min=0, max=10_000_000)])


class ThreadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A new thread and its first post."""

    title = StringField(
        _("Title"),
        filters=[one_line],
        validators=[
            DataRequired(_("Give the thread a title.")),
            Length(max=TITLE_LENGTH, message=_("A title takes %(max)d characters. Please shorten it.")),
        ],
    )
    body = TextAreaField(_("Your text"), filters=[lines], validators=[fits_into_a_post])
    submission_key = HiddenField(default=fresh_key, validators=[Optional(), Length(max=36)])


class BoardForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A new board."""

    name = StringField(
        _("Name"),
        filters=[one_line],
        validators=[
            DataRequired(_("Give the board a name.")),
            Length(max=120, message=_("A name takes %(max)d characters. Please shorten it.")),
        ],
    )
    description = TextAreaField(
        _("What it is for"),
        filters=[lines],
        validators=[Length(max=500, message=_("A description takes %(max)d characters. Please shorten it."))],
    )
    audience = RadioField(
        _("Who can read and write here"),
        default="members",
        choices=[SelectChoice(name, audience.label) for name, audience in AUDIENCES.items()],
        validators=[DataRequired(_("Choose who can read and write here."))],
    )


class ReadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """How far somebody has read."""

    number = IntegerField(validators=[DataRequired(), NumberRange(min=1, max=10_000_000)])
