"""Date, time and place of a deadline, as people give them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import DateInput, TimeInput

from portal.accounts import zones
from portal.accounts.forms import zone_choices
from portal.applications import deadlines
from portal.applications.deadlines import Deadline, NoSuchTimeError, TwoSuchTimesError
from portal.web.times import city

YEARS = range(2000, 2101)


class DeadlineFields(FlaskForm):  # type: ignore[misc]  # untyped base
    """Date, time and place of a deadline, or the word that nobody knows it yet. Nothing is guessed."""

    deadline_date = StringField(_("Date"), [Length(max=40)], widget=DateInput())
    deadline_time = StringField(_("Time"), [Length(max=20)], widget=TimeInput())
    deadline_typed = StringField(_("Date and time in words"), [Length(max=60)])
    deadline_zone = SelectField(_("In which place"), default="")
    deadline_fold = RadioField(_("Which of the two"), validate_choice=False)
    no_deadline = BooleanField(_("No deadline known yet"))

    deadline: Deadline | None = None
    asks_which = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline_zone.choices = zone_choices(ask=_("Choose the city whose time the funder means"))
        self.deadline_fold.choices = []

    def validate(self, extra_validators: Any = None) -> bool:
        shaped: bool = super().validate(extra_validators)
        return self._read_deadline() and shaped

    @property
    def _is_typed(self) -> bool:
        return bool(self.deadline_typed.data or self.deadline_date.data or self.deadline_time.data)

    def _read_deadline(self) -> bool:
        if self.no_deadline.data:
            if not self._is_typed:
                return True
            message = _("You gave a deadline and also said that none is known. Keep one of the two.")
            return self._refuse("no_deadline", message)
        wall, has_place = self._read_wall(), self._has_place()
        if wall is None or not has_place:
            return False
        if wall.year not in YEARS:
            return self._refuse(self._where, _("Check the year of the deadline."))
        return self._place(wall, self.deadline_zone.data)

    def _has_place(self) -> bool:
        if not self.deadline_zone.data:
            return self._refuse("deadline_zone", _("Choose the city whose time the funder means."))
        return zones.is_known(self.deadline_zone.data)  # one that is not in the list has its message already

    def _read_wall(self) -> datetime | None:
        """The wall time, or None with the error noted."""
        if self.deadline_typed.data and not (self.deadline_date.data or self.deadline_time.data):
            try:
                return deadlines.read_wall(self.deadline_typed.data)
            except ValueError:
                self._refuse("deadline_typed", _("Write the deadline like this: 18 December 2026, 17:00."))
                return None
        if not self.deadline_date.data:
            self._refuse("deadline_date", _("Enter the date of the deadline, or say that none is known yet."))
            return None
        if not self.deadline_time.data:
            self._refuse("deadline_time", _("Enter the time of day of the deadline."))
            return None
        return self._read_both()

    def _read_both(self) -> datetime | None:
        try:
            date = deadlines.read_date(self.deadline_date.data)
        except ValueError:
            self._refuse("deadline_date", _("Write the date with the month as a word, like 18 December 2026."))
            return None
        try:
            return datetime.combine(date, deadlines.read_time(self.deadline_time.data))
        except ValueError:
            self._refuse("deadline_time", _("Write the time like 17:00 or 5 pm."))
            return None

    @property
    def _where(self) -> str:
        return "deadline_date" if self.deadline_date.data else "deadline_typed"

    def _place(self, wall: datetime, zone: str) -> bool:
        fold = {"first": False, "second": True}.get(self.deadline_fold.data or "")
        try:
            self.deadline = Deadline.from_wall(wall, zone, fold)
        except NoSuchTimeError as gap:
            return self._refuse(self._where, self._explain_gap(wall, zone, gap))
        except TwoSuchTimesError as both:
            self.asks_which = True
            self.deadline_fold.choices = [
                SelectChoice("first", self._turn(both.first)),
                SelectChoice("second", self._turn(both.second)),
            ]
            return self._refuse(
                "deadline_fold",
                gettext(
                    "The clocks in %(city)s go back that night, so %(time)s comes twice. Choose the one that is meant.",
                    city=city(zone),
                    time=deadlines.clock(wall),
                ),
            )
        return True

    @staticmethod
    def _explain_gap(wall: datetime, zone: str, gap: NoSuchTimeError) -> str:
        return str(
            gettext(
                "There is no %(time)s in %(city)s on %(day)s: the clocks go forward. "
                "Did the funder mean %(before)s or %(after)s?",
                time=deadlines.clock(wall),
                city=city(zone),
                day=deadlines.day(wall),
                before=deadlines.clock(gap.before),
                after=deadlines.clock(gap.after),
            )
        )

    @staticmethod
    def _turn(moment: datetime) -> str:
        return str(gettext("The one that is %(time)s UTC", time=format_datetime(moment, "HH:mm", rebase=False)))

    def _refuse(self, name: str, message: Any) -> bool:
        self[name].errors = [*self[name].errors, message]
        return False

    def show(self, deadline: Deadline | None) -> None:
        """Fill the fields with a deadline that is known, or tick that it is not."""
        self.no_deadline.data = deadline is None
        if deadline:
            self.deadline_date.data, _t, self.deadline_time.data = deadline.wall.partition("T")
            self.deadline_zone.data = deadline.zone
