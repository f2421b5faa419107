"""What a visitor reads: the network in its own words, and how to come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import Make

DECLARATION = "we declare that all schools of medicine and nursing and all healthcare systems should adopt"
PAGES = ("/", "/about", "/statements/leicester-empathy-declaration", "/privacy", "/accessibility")


@pytest.mark.parametrize("path", PAGES)
def test_public_pages_open_for_strangers_and_give_them_no_cookie(client: FlaskClient, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert page.text.count("<h1") == 1
    assert page.text.count("aria-current") <= 2


def test_home_quotes_the_declaration_and_leads_to_members_and_joining(client: FlaskClient) -> None:
    page = client.get("/").text

    assert DECLARATION in page
    for path in ("/members", "/join", "/about", "/statements/leicester-empathy-declaration", "/sign-in"):
        assert f'href="{path}"' in page


def test_home_names_the_members(client: FlaskClient, make: Make) -> None:
    make.organisation("Centro de Empatía")
    assert "Centro de Empatía" in client.get("/").text


def test_home_costs_one_statement_however_many_members_there_are(
    client: FlaskClient, make: Make, statements: Callable[[], Any]
) -> None:
    for number in range(5):
        make.organisation(f"Centre {number}")
    with statements() as seen:
        assert "Centre 4" in client.get("/").text
    assert len(seen) == 1, seen


def test_sign_in_asks_the_database_nothing(client: FlaskClient, statements: Callable[[], Any]) -> None:
    with statements() as seen:
        assert client.get("/sign-in").status_code == 200
    assert seen == []


def test_the_declaration_names_its_publication(client: FlaskClient) -> None:
    page = client.get("/statements/leicester-empathy-declaration").text

    assert DECLARATION in page
    assert "Patient Education and Counseling" in page
    assert "A model for implementing empathy in healthcare" in page


def test_there_is_no_statement_that_was_not_made(client: FlaskClient) -> None:
    assert client.get("/statements/another").status_code == 404


def test_a_stranger_is_shown_public_places_only(client: FlaskClient) -> None:
    page = client.get("/").text

    assert 'href="/boards"' not in page
    assert 'href="/applications"' not in page


def test_every_place_in_the_navigation_opens_for_whom_it_is_shown(
    make: Make, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    people = {
        "stranger": client,
        "leader": sign_in(make.leader("Ana")),
        "officer": sign_in(make.officer("Olu")),
        "associate": sign_in(make.associate("Bo")),
    }
    for who, browser in people.items():
        text = browser.get("/").text
        nav = text[text.index('<nav class="nav"') : text.index("</nav>")]
        links = [part.split('"')[0] for part in nav.split('href="')[1:]]
        assert links, who
        for link in links:
            assert browser.get(link).status_code == 200, (who, link)


def test_the_current_place_is_marked(client: FlaskClient) -> None:
    assert '<a href="/about" aria-current="page">' in client.get("/about").text


def test_crawlers_are_told_what_is_public(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /\n" in answer.text
