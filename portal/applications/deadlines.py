"""A deadline is a wall time in the funder's place. Here it becomes an instant, and an instant becomes words.

Nothing is guessed: a wall time that the clocks skip, or that they show twice, is asked again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, gettext, ngettext

from portal.accounts import zones
from portal.web.times import due, for_reader

SOON = timedelta(days=7)
WALL = "%Y-%m-%dT%H:%M"


class NoSuchTimeError(ValueError):
    """The clocks in that place go forward over this wall time; `before` and `after` are the times around the gap."""

    def __init__(self, before: datetime, after: datetime) -> None:
        super().__init__(f"{before:{WALL}} is followed by {after:{WALL}}")
        self.before, self.after = before, after


class TwoSuchTimesError(ValueError):
    """The clocks in that place go back, so this wall time comes twice; `first` and `second` are both, in UTC."""

    def __init__(self, first: datetime, second: datetime) -> None:
        super().__init__(f"{first:{WALL}}Z or {second:{WALL}}Z")
        self.first, self.second = first, second


@dataclass(frozen=True, slots=True)
class Deadline:
    """The funder's wall time, its IANA zone, and the instant (aware, UTC). `fold`: the second of two equal times."""

    wall: str
    zone: str
    at: datetime
    fold: bool = False

    @classmethod
    def from_wall(cls, wall: datetime, zone: str, fold: bool | None = None) -> Deadline:
        """Read a naive wall time in an IANA zone; `fold` says which of two equal times is meant, None asks.

        Raises NoSuchTimeError, TwoSuchTimesError, or ValueError for an unknown zone or an aware time.
        """
        return cls(wall=wall.strftime(WALL), zone=zone, at=instant(wall, zone, fold), fold=bool(fold))


def instant(wall: datetime, zone: str, fold: bool | None = None) -> datetime:
    """The UTC instant of a naive wall time in an IANA zone. Raises as `Deadline.from_wall`."""
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    if not zones.is_known(zone):
        raise ValueError(f"{zone!r} is not a time zone")
    info = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=info, fold=turn).astimezone(UTC) for turn in (0, 1))
    if first == second:
        return first
    if first.astimezone(info).replace(tzinfo=None) != wall:
        before, after = sorted(moment.astimezone(info).replace(tzinfo=None) for moment in (first, second))
        raise NoSuchTimeError(before, after)
    if fold is None:
        raise TwoSuchTimesError(first, second)
    return second if fold else first


# --- what people type -----------------------------------------------------------------------------------------

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def read_date(text: str) -> date:
    """ "2026-12-18", "18 December 2026", "18 dec 2026" or "December 18, 2026". Raises ValueError for anything else.

    "03/04/2026" is refused: half of the network reads March, the other half April.
    """
    text = text.strip().lower().removesuffix(".")
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return date(*(int(part) for part in match.groups()))
    day_first = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?\.? +([a-z]{3,9})\.?,? +(\d{4})", text)
    month_first = re.fullmatch(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", text)
    if day_first:
        day, month, year = day_first.groups()
    elif month_first:
        month, day, year = month_first.groups()
    else:
        raise ValueError(text)
    return date(int(year), MONTHS.index(month[:3]) + 1, int(day))


def read_time(text: str) -> time:
    """ "17:00", "17.00", "5pm", "5:30 pm" or "noon". Raises ValueError for anything else ("midnight" has two days)."""
    text = text.strip().lower().replace(".", ":").replace("p:m:", "pm").replace("a:m:", "am")
    if text in ("noon", "12 noon"):
        return time(12, 0)
    match = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?(?::00)? *(am|pm)?", text)
    if match is None or (match[2] is None and match[3] is None):
        raise ValueError(text)
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, minute)


def read_wall(text: str) -> datetime:
    """Date and time in one line: "18 December 2026, 17:00" or "2026-12-18 5pm". Raises ValueError."""
    match = re.fullmatch(r"(.*\d{4}|\d{4}-\d{1,2}-\d{1,2})(?:,? +(?:at +)?|t)(\S.*)", text.strip(), re.IGNORECASE)
    if match is None:
        raise ValueError(text)
    return datetime.combine(read_date(match[1]), read_time(match[2]))


# --- words ------------------------------------------------------------------------------------------------------


def when(deadline: Deadline) -> str:
    """The place first: "Fri 18 December 2026, 17:00 in London"."""
    return due(deadline.at, deadline.zone)


def when_for(deadline: Deadline, zone: str | None) -> str:
    """As `when`, with the hour of somebody who reads it in `zone`: for mail, which is read away from the portal."""
    beside = for_reader(deadline.at, deadline.zone, zone)
    return f"{when(deadline)} ({beside})" if beside else when(deadline)


def day(moment: date) -> str:
    """A day in words: "Fri 18 December 2026". A datetime gives the day that it shows, in its own zone."""
    return str(format_date(date(moment.year, moment.month, moment.day), "EEE d MMMM yyyy"))


def clock(moment: datetime) -> str:
    return moment.strftime("%H:%M")


def time_left(deadline: Deadline, now: datetime) -> str:
    """ "24 days left", "6 hours left", "Passed 2 days ago": whole days and hours that are still to be had."""
    left = deadline.at - now
    if left < timedelta(0):
        if -left < timedelta(days=1):
            return str(gettext("Passed today"))
        return str(ngettext("Passed %(num)d day ago", "Passed %(num)d days ago", (-left).days))
    if left >= timedelta(days=2):
        return str(ngettext("%(num)d day left", "%(num)d days left", left.days))
    hours = int(left.total_seconds() // 3600)
    if hours >= 1:
        return str(ngettext("%(num)d hour left", "%(num)d hours left", hours))
    minutes = int(left.total_seconds() // 60)
    return str(ngettext("%(num)d minute left", "%(num)d minutes left", minutes))


def is_soon(deadline: Deadline, now: datetime) -> bool:
    """Within seven days, or passed."""
    return deadline.at - now < SOON
