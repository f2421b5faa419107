"""Why frozen sections are taken up again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.web.typed import one_line

LONGEST_REASON = 300


class UnfreezeForm(FlaskForm):  # type: ignore[misc]  # untyped base
    """The team reads the reason."""

    reason = StringField(
        _("Reason"),
        filters=[one_line],
        validators=[
            DataRequired(_("Say why, so that the team knows.")),
            Length(max=LONGEST_REASON, message=_("Use at most %(longest)s characters.", longest=LONGEST_REASON)),
        ],
    )
