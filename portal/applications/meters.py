"""A text's length against the funder's limit, in the numbers and words that every page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import format_decimal, gettext, ngettext

from portal.applications.models import Section

# `unknown` is shown as Word counts; amber when the strictest of these passes the limit.
SHOWN_AS = {"unknown": "ws"}
STRICTEST_OF = ("ws", "ws_alnum", "uax29")


@dataclass(frozen=True, slots=True)
class Meter:
    """`count` by the section's rule; `limit` None where the funder gives none; `unit` "words" or "chars"."""

    count: int
    limit: int | None
    unit: str
    strictest: int

    @property
    def over(self) -> int:
        """How many beyond the limit, 0 when within."""
        return max(0, self.count - self.limit) if self.limit is not None else 0

    @property
    def is_close(self) -> bool:
        """Within by this count, and over by a stricter one that the funder may use."""
        return self.limit is not None and not self.over and self.strictest > self.limit

    @property
    def words(self) -> str:
        """ "412 of 500", "402 of 400, 2 over", "412" without a limit."""
        if self.limit is None:
            return str(format_decimal(self.count))
        fraction = gettext("%(count)s of %(limit)s", count=format_decimal(self.count), limit=format_decimal(self.limit))
        if self.over:
            return str(gettext("%(fraction)s, %(over)s over", fraction=fraction, over=format_decimal(self.over)))
        return str(fraction)

    @property
    def short(self) -> str:
        """ "412 / 500", for the narrow bar of a phone."""
        count = str(format_decimal(self.count))
        return count if self.limit is None else f"{count} / {format_decimal(self.limit)}"

    def amount(self, number: int) -> str:
        """ "2 words" or "2 characters"."""
        if self.unit == "words":
            return str(ngettext("%(num)d word", "%(num)d words", number))
        return str(ngettext("%(num)d character", "%(num)d characters", number))


def meter_of(section: Section, counts: Mapping[str, int]) -> Meter:
    """The meter of a section from a reading's counts (`counts` empty: nothing written)."""
    rule = SHOWN_AS.get(section.count_rule, section.count_rule)
    count = int(counts.get(rule, 0))
    unit = next(iter(section.limit), "words")
    strictest = count
    if section.count_rule == "unknown":
        strictest = max(int(counts.get(each, 0)) for each in STRICTEST_OF)
    return Meter(count=count, limit=section.limit.get(unit), unit=unit, strictest=strictest)
