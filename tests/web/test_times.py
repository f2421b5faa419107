"""Time on a page: cities, the reader's hour, the day that it moves to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.web import times

DEADLINE = datetime(2026, 12, 18, 16, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Oslo", "Fri 18 December 2026, 17:00 in Oslo"),
        ("America/Argentina/Buenos_Aires", "Fri 18 December 2026, 13:00 in Buenos Aires"),
        (None, "Fri 18 December 2026, 16:00 UTC"),
    ],
)
def test_a_deadline_is_said_at_its_own_place(zone: str | None, said: str) -> None:
    assert times.due(DEADLINE, zone) == said


def test_a_place_that_the_author_named_stands_in_for_the_zones_city() -> None:
    assert times.due(DEADLINE, "Europe/London", "Leicester") == "Fri 18 December 2026, 16:00 in Leicester"


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ("Europe/London", "16:00 for you"),
        ("Europe/Paris", ""),
        ("Australia/Sydney", "Sat 03:00 for you"),
        (None, "16:00 UTC"),
    ],
)
def test_the_readers_hour_stands_beside_unless_the_clocks_agree(reader: str | None, said: str) -> None:
    assert times.for_reader(DEADLINE, "Europe/Oslo", reader) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 24, 16, 48, tzinfo=UTC), "Today, 16:48"),
        (datetime(2026, 11, 23, 9, 12, tzinfo=UTC), "Yesterday, 09:12"),
        (datetime(2026, 11, 3, 9, 12, tzinfo=UTC), "3 Nov, 09:12"),
        (datetime(2025, 7, 3, 9, 12, tzinfo=UTC), "3 Jul 2025, 10:12"),
    ],
)
def test_what_happened_is_said_in_the_readers_time(moment: datetime, said: str) -> None:
    assert times.happened(moment, "Europe/London", NOW) == said


def test_today_is_the_readers_day() -> None:
    late = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert times.happened(late, "Asia/Tokyo", NOW) == "Today, 00:30"
    assert times.happened(late, "America/New_York", NOW) == "Today, 10:30"


def test_without_a_zone_utc_is_named() -> None:
    assert times.happened(datetime(2026, 11, 3, 9, 12, tzinfo=UTC), None, NOW) == "3 Nov 2026, 09:12 UTC"


def test_a_zone_that_this_machine_does_not_know_is_utc() -> None:
    assert times.local_time(DEADLINE, "Mars/Olympus") == "Fri 16:00"
    assert times.local_time(DEADLINE, "../../etc/passwd") == "Fri 16:00"
