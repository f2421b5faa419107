"""Time on a page: zones by their city, never an abbreviation; the reader's hour beside the place's.

`js/lib/times.js` says the same in the browser, for fragments that are rendered once for everybody;
`tests/browser/test_times.py` compares the two.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from flask import Flask, g
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from portal.clock import utcnow


def init_app(app: Flask) -> None:
    """Give templates the functions of this module that they use."""
    app.jinja_env.globals.update(
        reader_zone=reader_zone, city=city, local_time=local_time, due=due, for_reader=for_reader, happened=happened
    )


def reader_zone() -> str | None:
    """The reader's confirmed zone (an IANA name), or None: unknown, signed out, or a fragment for everybody.

    A fragment is rendered in a request that is nobody's (`live.streams.render`), so nobody is its reader.
    """
    if g.get("without_person"):
        return None
    return current_user.time_zone if current_user.is_authenticated else None


def zone_of(name: str | None) -> tzinfo:
    """The zone of an IANA name; UTC for None and for a name that this machine's data lacks."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def city(zone: str | None) -> str:
    """What a zone is called on a page: "London", "New York", "Buenos Aires"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ") if zone else "UTC"


def local_time(moment: datetime, zone: str | None, pattern: str = "EEE HH:mm") -> str:
    """`moment` in `zone` by a CLDR pattern without seconds: "Thu 14:00"."""
    return _formatted(moment.astimezone(UTC).replace(second=0, microsecond=0), zone, pattern, str(get_locale()))


@functools.lru_cache(maxsize=8192)
def _formatted(minute: datetime, zone: str | None, pattern: str, locale: str) -> str:
    """Kept, because a page has dozens of times and is read by many: each takes 0.06 ms.

    In UTC, since the two hours of a night in autumn are equal, and have one hash, in their own zone.
    """
    return format_datetime(minute, pattern, tzinfo=zone_of(zone), locale=locale)


def due(moment: datetime, zone: str | None, place: str = "") -> str:
    """A thing to act on, at its own place: "Fri 18 December 2026, 17:00 in Oslo"."""
    when = local_time(moment, zone, "EEE d MMMM y, HH:mm")
    if zone is None and not place:
        return f"{when} UTC"
    return str(_("%(when)s in %(place)s", when=when, place=place or city(zone)))


def for_reader(moment: datetime, zone: str | None, reader: str | None) -> str:
    """The reader's hour of a thing that has its own zone: "23:00 for you", "Sat 02:00 for you".

    Without a confirmed zone the same in UTC; empty when the two clocks agree, since there is nothing to add.
    """
    there, here = moment.astimezone(zone_of(zone)), moment.astimezone(zone_of(reader))
    if there.utcoffset() == here.utcoffset():
        return ""
    when = local_time(moment, reader, "HH:mm" if there.date() == here.date() else "EEE HH:mm")
    return str(_("%(when)s for you", when=when)) if reader else f"{when} UTC"


def happened(moment: datetime, zone: str | None, now: datetime | None = None) -> str:
    """A thing that happened, in the reader's time: "Today, 16:48", "3 Nov, 09:12", "3 Nov 2025, 09:12".

    Without a zone: "3 Nov 2026, 09:12 UTC", which is true for everybody who reads it.
    """
    if zone is None:
        return f"{local_time(moment, None, 'd MMM y, HH:mm')} UTC"
    here, today = moment.astimezone(zone_of(zone)), (now or utcnow()).astimezone(zone_of(zone)).date()
    clock = local_time(moment, zone, "HH:mm")
    if here.date() == today:
        return str(_("Today, %(clock)s", clock=clock))
    if here.date() == today - timedelta(days=1):
        return str(_("Yesterday, %(clock)s", clock=clock))
    return local_time(moment, zone, "d MMM, HH:mm" if here.year == today.year else "d MMM y, HH:mm")
