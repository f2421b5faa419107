"""Wall times of six zones against hand-worked instants, and what people type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.applications import deadlines
from portal.applications.deadlines import Deadline, NoSuchTimeError, TwoSuchTimesError
from portal.applications.models import Application

WORKED = [  # the wall time, its place, and the instant that was worked out by hand
    ("2025-05-30T16:00", "Europe/London", "2025-05-30T15:00"),
    ("2026-12-18T17:00", "Europe/London", "2026-12-18T17:00"),
    ("2026-09-15T17:00", "Europe/Brussels", "2026-09-15T15:00"),
    ("2026-11-01T17:00", "Europe/Brussels", "2026-11-01T16:00"),
    ("2026-02-05T17:00", "America/New_York", "2026-02-05T22:00"),
    ("2026-03-09T17:00", "America/New_York", "2026-03-09T21:00"),
    ("2026-10-28T17:00", "America/New_York", "2026-10-28T21:00"),
    ("2026-07-01T09:00", "Australia/Sydney", "2026-06-30T23:00"),
    ("2026-12-18T09:00", "Australia/Sydney", "2026-12-17T22:00"),
    ("2026-06-01T12:00", "Africa/Lagos", "2026-06-01T11:00"),
    ("2026-06-01T12:00", "Asia/Tehran", "2026-06-01T08:30"),
    ("2026-12-31T23:59", "Asia/Tehran", "2026-12-31T20:29"),
]


@pytest.mark.parametrize(("wall", "zone", "expected"), WORKED)
def test_a_wall_time_becomes_the_instant_that_was_worked_out_by_hand(wall, zone, expected):
    deadline = Deadline.from_wall(datetime.fromisoformat(wall), zone)
    assert deadline.at == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert deadline.wall == wall


@pytest.mark.parametrize(
    ("wall", "zone", "before", "after"),
    [
        ("2027-03-28T01:30", "Europe/London", "00:30", "02:30"),
        ("2026-03-08T02:30", "America/New_York", "01:30", "03:30"),
        ("2026-10-04T02:15", "Australia/Sydney", "01:15", "03:15"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "01:45", "02:45"),
    ],
)
def test_a_time_that_the_clocks_skip_is_no_deadline(wall, zone, before, after):
    with pytest.raises(NoSuchTimeError) as gap:
        Deadline.from_wall(datetime.fromisoformat(wall), zone)
    assert deadlines.clock(gap.value.before) == before
    assert deadlines.clock(gap.value.after) == after
    with pytest.raises(NoSuchTimeError):
        Deadline.from_wall(datetime.fromisoformat(wall), zone, fold=True)


@pytest.mark.parametrize(
    ("wall", "zone", "first"),
    [
        ("2026-10-25T01:30", "Europe/London", "2026-10-25T00:30"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
    ],
)
def test_a_time_that_comes_twice_is_asked(wall, zone, first):
    with pytest.raises(TwoSuchTimesError):
        Deadline.from_wall(datetime.fromisoformat(wall), zone)
    earlier = Deadline.from_wall(datetime.fromisoformat(wall), zone, fold=False)
    later = Deadline.from_wall(datetime.fromisoformat(wall), zone, fold=True)
    assert earlier.at == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert later.at - earlier.at == timedelta(hours=1)
    assert (earlier.fold, later.fold) == (False, True)


def test_an_unknown_place_and_a_time_with_a_zone_are_refused():
    with pytest.raises(ValueError, match="not a time zone"):
        Deadline.from_wall(datetime(2026, 12, 18, 17), "Europe/Atlantis")  # noqa: DTZ001  # a wall time
    with pytest.raises(ValueError, match="no zone of its own"):
        Deadline.from_wall(datetime(2026, 12, 18, 17, tzinfo=UTC), "Europe/London")


@pytest.mark.parametrize(
    "text",
    [
        "18 December 2026, 17:00",
        "18 dec 2026 5pm",
        "December 18, 2026 at 5:00 pm",
        "2026-12-18 17.00",
        "2026-12-18T17:00",
    ],
)
def test_dates_in_words_are_understood(text):
    assert deadlines.read_wall(text).strftime(deadlines.WALL) == "2026-12-18T17:00"


@pytest.mark.parametrize(
    "text",
    ["", "5pm on 18th", "18/12/2026 17:00", "03/04/2026 17:00", "18 Dezember", "31 June 2026 17:00", "18 December 2026",
     "18 December 2026 midnight", "18 December 2026 25:00", "18 December 2026 13pm", "18 December 2026 5"],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # the form has the sentence
        deadlines.read_wall(text)


def test_what_is_left_is_said_in_whole_days_and_hours(app):
    deadline = Deadline.from_wall(datetime(2026, 12, 18, 17), "Europe/London")  # noqa: DTZ001  # a wall time
    said = {
        timedelta(days=24, hours=1): "24 days left",
        timedelta(days=1, hours=23): "47 hours left",
        timedelta(hours=1): "1 hour left",
        timedelta(minutes=59): "59 minutes left",
        timedelta(hours=-1): "Passed today",
        timedelta(days=-2): "Passed 2 days ago",
    }
    with app.test_request_context():
        for left, words in said.items():
            assert deadlines.time_left(deadline, deadline.at - left) == words
    assert deadlines.is_soon(deadline, deadline.at - timedelta(days=6))
    assert not deadlines.is_soon(deadline, deadline.at - timedelta(days=8))


def test_an_application_keeps_which_of_two_equal_times_was_meant():
    second = Deadline.from_wall(datetime.fromisoformat("2026-10-25T01:30"), "Europe/London", fold=True)
    application = Application(title="Listening")
    application.deadline = second
    assert application.deadline == second
