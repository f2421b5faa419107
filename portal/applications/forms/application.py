"""Starting an application, and its title and deadline later."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.applications.forms.deadline import DeadlineFields
from portal.applications.templates import Template
from portal.members.models import Organisation
from portal.web.typed import one_line


class StartForm(DeadlineFields):
    """A new application."""

    template = RadioField(_("The funder's form"), [InputRequired(_("Choose the funder's form."))])
    title = StringField(
        _("Title"),
        [
            DataRequired(_("Give the application a title.")),
            Length(max=200, message=_("A title has at most 200 characters.")),
        ],
        filters=[one_line],
    )
    organisation = SelectField(_("Which organisation leads"), [InputRequired()], coerce=int)

    def offer(self, templates: Iterable[Template], organisations: Iterable[Organisation]) -> None:
        self.template.choices = [SelectChoice(template.id, template.title) for template in templates]
        self.organisation.choices = [SelectChoice(each.id, each.name) for each in organisations]
        if self.template.data is None and len(self.template.choices) == 1:
            self.template.data = self.template.choices[0].value


class EditForm(DeadlineFields):
    """Title and deadline of an application that exists."""

    title = StartForm.title
