"""What the worker does by the clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from huey import MemoryHuey

from portal.jobs import schedule
from portal.jobs.schedule import every, install


@pytest.fixture
def by_hand(app, monkeypatch):
    """A schedule of two tasks of this test, and a Huey that runs what is due when it is told the time."""
    monkeypatch.setattr(schedule, "tasks", {})
    ran, huey = [], MemoryHuey("test")

    @every(minutes=10)
    def breaks():
        raise ValueError("this one breaks")

    @every(minutes=10)
    def counts():
        ran.append("counted")

    install(app, huey)

    def at(minute):
        for task in huey.read_periodic(datetime(2026, 11, 24, 14, minute, tzinfo=UTC)):
            huey.execute(task)
        return ran

    return at


def test_a_task_runs_at_its_minutes_even_when_another_breaks(by_hand):
    assert by_hand(19) == []
    assert by_hand(20) == ["counted"]
    assert by_hand(21) == ["counted"]
    assert by_hand(30) == ["counted", "counted"]


def test_when_sessions_were_used_is_written_every_ten_minutes():
    assert schedule.tasks["write_sessions_seen"][0] == 10
