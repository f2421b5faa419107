"""Your desk: what waits, the parts of the domains, what to do first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.clock import utcnow
from portal.web.slots import WaitingItem, bars, waiting
from tests.builders import Make

SignIn = Callable[..., FlaskClient]
SOON = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def asked() -> Iterator[list[Any]]:
    """The people whom a domain of the test was asked about; it needs Ana and nobody else."""
    people: list[Any] = []

    def needs(user: Any) -> list[WaitingItem]:
        people.append(user.id)
        if not user.name.startswith("Ana"):
            return []
        since = utcnow() - timedelta(days=1)
        return [
            WaitingItem("Whenever you can", "/about", since - timedelta(days=9), "Ben"),
            WaitingItem("Confirm <Vision>", "/privacy", since, "Sîân", until=SOON),
        ]

    waiting.fill("test", needs)
    yield people
    waiting._items.pop("test")


def test_what_waits_on_me_is_on_my_desk_the_dated_first_and_on_nobody_elses(
    make: Make, sign_in: SignIn, asked: list[Any]
) -> None:
    ana, ben = make.leader("Ana", time_zone="Europe/London"), make.leader("Ben")

    mine, other = sign_in(ana).get("/").text, sign_in(ben).get("/").text

    assert asked == [ana.id, ben.id]
    assert mine.index("Confirm &lt;Vision&gt;") < mine.index("Whenever you can")
    assert "Tue 1 January 2030, 00:00 in London" in mine
    assert "Vision" not in other
    assert "Nothing. When somebody needs an answer" in other


def test_a_new_person_is_welcomed_once_told_what_to_do_first(make: Make, sign_in: SignIn) -> None:
    ana = make.leader("Ana")

    page = sign_in(ana).get("/").text

    assert "Welcome, Ana" in page
    assert "Invite your colleagues" in page
    assert f'href="/members/{ana.membership.organisation.slug}"' in page


def test_later_the_desk_does_not_welcome_again(make: Make, sign_in: SignIn) -> None:
    ana = make.leader("Ana", created_at=utcnow() - timedelta(days=2))
    assert "Welcome, Ana" not in sign_in(ana).get("/").text


def test_a_colleague_is_not_told_to_invite(make: Make, sign_in: SignIn) -> None:
    assert "Invite your colleagues" not in sign_in(make.colleague("Caro")).get("/").text


def test_the_desk_of_an_associate_opens(make: Make, sign_in: SignIn) -> None:
    page = sign_in(make.associate("Bo"))
    assert page.get("/").status_code == 200


def test_the_desk_costs_a_fixed_number_of_statements(
    make: Make, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    browser = sign_in(make.leader("Ana"))
    with statements() as seen:
        browser.get("/")
    assert len(seen) <= 12, "\n".join(seen)


def test_scripts_learn_who_reads_and_in_which_zone(make: Make, sign_in: SignIn) -> None:
    ana = make.leader("Ana", time_zone="Asia/Tehran")

    page = sign_in(ana, own_device=True).get("/").text

    assert f'<meta name="person" content="{ana.id}">' in page
    assert '<meta name="own-device" content="true">' in page
    assert '<meta name="reader-zone" content="Asia/Tehran">' in page
    assert "Times are for Tehran" in page


def test_without_a_confirmed_zone_the_foot_says_utc(make: Make, sign_in: SignIn) -> None:
    page = sign_in(make.leader("Ana")).get("/").text

    assert "reader-zone" not in page
    assert "Times are in UTC." in page


def test_a_new_person_is_asked_for_their_zone_until_they_answer(make: Make, sign_in: SignIn) -> None:
    browser = sign_in(make.leader("Ana"))
    page = browser.get("/boards?page=1").text
    assert "Is your time" in page
    assert 'name="next" value="/boards?page=1"' in page
    assert "Is your time" not in browser.get("/account").text, "that page asks by itself"

    answer = browser.post("/account/time-zone", data={"time_zone": "Africa/Lagos", "next": "/boards?page=1"})

    assert answer.location == "/boards?page=1"
    page = browser.get("/boards").text
    assert "Is your time" not in page
    assert "Times are for Lagos" in page


def test_strangers_are_not_asked_for_their_zone(client: FlaskClient) -> None:
    assert "Is your time" not in client.get("/").text


def test_a_bar_above_everything_says_that_the_network_is_a_sample(client: FlaskClient) -> None:
    bars.fill("test", lambda: "Sample network & friends")
    try:
        assert "Sample network &amp; friends" in client.get("/about").text
    finally:
        bars._items.pop("test")
