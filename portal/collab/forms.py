"""What people type about documents: shape and messages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.web.typed import one_line

LONGEST_NAME = 120


class VersionForm(FlaskForm):  # type: ignore[misc]  # untyped base
    """The name under which the present text is kept."""

    name = StringField(
        _("Name"),
        filters=[one_line],
        validators=[
            DataRequired(_("Give the version a name.")),
            Length(max=LONGEST_NAME, message=_("Use at most %(longest)s characters.", longest=LONGEST_NAME)),
        ],
    )
