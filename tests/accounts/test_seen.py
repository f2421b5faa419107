"""When a session was last used: noted while people read, written by the worker, and what an idle one comes to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.accounts import seen
from portal.accounts.models import AuthSession
from portal.clock import utcnow
from portal.extensions import db

HOUR = timedelta(hours=1)


@pytest.fixture
def later(app):
    """`with later(hours=11):` moves the clock on."""
    return lambda **ahead: time_machine.travel(utcnow() + timedelta(**ahead), tick=True)


def write(app):
    with app.app_context():
        return seen.write_noted()


def the_session(app):
    with app.app_context():
        return db.session.scalars(sa.select(AuthSession)).one()


def test_a_session_that_is_used_goes_on_and_an_idle_one_ends_after_twelve_hours(app, make, sign_in, later):
    browser = sign_in(make.person("Ana"))
    with later(hours=11):
        assert browser.get("/account").status_code == 200
        assert write(app) == 1
    with later(hours=22):
        assert browser.get("/account").status_code == 200
        write(app)
    with later(hours=34, minutes=1):
        assert browser.get("/account").status_code == 303


def test_on_ones_own_device_it_lasts_sixty_days(app, make, sign_in, later):
    browser = sign_in(make.person("Ana"), own_device=True)
    with later(days=59):
        assert browser.get("/account").status_code == 200
        write(app)
    with later(days=118):
        assert browser.get("/account").status_code == 200
    with later(days=120):
        assert browser.get("/account").status_code == 303


def test_reading_a_page_writes_nothing_itself(app, make, sign_in, later, statements):
    browser = sign_in(make.person("Ana"))
    before = the_session(app).seen_at
    with later(minutes=5), statements() as sent:
        browser.get("/account")
    assert not [line for line in sent if not line.startswith("SELECT")]
    assert the_session(app).seen_at == before


def test_a_session_that_ended_is_not_brought_back_by_a_late_note(app, make, sign_in, later):
    browser = sign_in(make.person("Ana"))
    with later(minutes=5):
        browser.get("/account")
        browser.post("/sign-out")
        write(app)
    session = the_session(app)
    assert session.revoked_at is not None
    assert session.expires_at - session.created_at == 12 * HOUR


def test_what_a_crash_left_is_written_by_the_next_run(app, make, sign_in, later):
    browser = sign_in(make.person("Ana"))
    with later(minutes=5):
        browser.get("/account")
        app.extensions["redis"].rename(seen.NOTED, seen.BEING_WRITTEN)
        assert write(app) == 1
        assert write(app) == 0
    session = the_session(app)
    assert session.seen_at - session.created_at > timedelta(minutes=4)


def test_a_session_is_noted_once_a_minute_so_that_pages_do_not_wait_for_redis(app, make, sign_in, later):
    browser = sign_in(make.person("Ana"))
    noted = []
    for ahead in (timedelta(minutes=5), timedelta(minutes=5, seconds=30), timedelta(minutes=6, seconds=5)):
        with later(seconds=ahead.total_seconds()):
            browser.get("/account")
        noted.append(app.extensions["redis"].delete(seen.NOTED))
    assert noted == [1, 0, 1]
