"""Time zones by city: what a person chooses from, and what counts as one."""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import available_timezones

from portal.web.times import city

CONTINENTS = {"America": "Americas", "Indian": "Indian Ocean", "Atlantic": "Atlantic Ocean", "Pacific": "Pacific Ocean"}


@cache
def known() -> frozenset[str]:
    """Every IANA name that the zone data has, old spellings too: browsers still send "Asia/Calcutta"."""
    return frozenset(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix")))


def is_known(name: str) -> bool:
    return name == "UTC" or name in known()


@cache
def by_continent() -> dict[str, list[tuple[str, str]]]:
    """Continent -> [(IANA name, "London, United Kingdom")], each in alphabetical order of the city.

    The cities are those of the zone data's own table (zone.tab), which names the countries too.
    """
    countries = dict(line.split("\t")[:2] for line in _lines("iso3166.tab"))
    groups: dict[str, list[tuple[str, str]]] = {}
    for line in _lines("zone.tab"):
        country, _, name = line.split("\t")[:3]
        continent = name.partition("/")[0]
        label = f"{city(name)}, {countries.get(country, country)}"
        groups.setdefault(CONTINENTS.get(continent, continent), []).append((name, label))
    return {continent: sorted(groups[continent], key=lambda entry: entry[1]) for continent in sorted(groups)}


def choices(current: str | None = None) -> dict[str, list[tuple[str, str]]]:
    """The groups of a select. A zone that is set but not in the table stands first, so that it is not lost."""
    groups = by_continent()
    listed = {name for group in groups.values() for name, _ in group}
    others = [("UTC", "UTC")] if not current or current in listed or current == "UTC" else [(current, city(current))]
    return {"": others, **groups}


def _lines(file: str) -> list[str]:
    text = (resources.files("tzdata.zoneinfo") / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
