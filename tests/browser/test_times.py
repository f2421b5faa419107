"""Server and browser say the same time: 200 instants in twelve zones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from flask import Flask

from portal.web import times
from tests.browser.conftest import Arrive
from tests.stack import Stack

ZONES = (
    "Africa/Lagos",
    "America/Argentina/Buenos_Aires",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Lisbon",
    "Europe/London",
    "Pacific/Auckland",
)
NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)

SAID_BY_BROWSER = """async ({ moments, zones, now }) => {
  const { happened, hourForReader, localTime, city } = await import("lib/times")
  return moments.map((text) => zones.map((zone) => {
    const moment = new Date(text)
    const there = hourForReader(moment, "Europe/Oslo", zone)
    return [ localTime(moment, zone), happened(moment, zone, new Date(now)), there, city(zone) ]
  }))
}"""


def instants() -> list[datetime]:
    """Half around now, where the words "Today" and "Yesterday" live, half over six years with their clock changes."""
    chance = random.Random(24)
    near = [NOW - timedelta(minutes=chance.randrange(4 * 24 * 60)) for _ in range(100)]
    first, minutes = datetime(2024, 1, 1, tzinfo=UTC), 6 * 365 * 24 * 60
    far = [first + timedelta(minutes=chance.randrange(minutes)) for _ in range(100)]
    return near + far


def test_server_and_browser_say_the_same_time(stack: Stack, arrive: Arrive, app: Flask) -> None:
    page = arrive(stack).go("/about")
    moments = instants()

    in_browser = page.evaluate(
        SAID_BY_BROWSER,
        {"moments": [moment.isoformat() for moment in moments], "zones": ZONES, "now": NOW.isoformat()},
    )

    with app.test_request_context():
        on_server = [
            [
                [
                    times.local_time(moment, zone),
                    times.happened(moment, zone, NOW),
                    times.for_reader(moment, "Europe/Oslo", zone).removesuffix(" for you"),
                    times.city(zone),
                ]
                for zone in ZONES
            ]
            for moment in moments
        ]
    assert len(on_server) == 200
    assert in_browser == on_server
