"""Every page that people of each role can reach: no violation of a WCAG rule, nothing scrolls sideways at 320."""

from __future__ import annotations

from collections import deque

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Arrive
from tests.browser.pages import has_focus, kind_of, links_of, sideways, violations
from tests.browser.people import Person
from tests.stack import Stack
from tests.waiting import eventually

# Who sees other markup, and which of the sample's people that is.
PEOPLE = {
    "stranger": "",
    "leader": "marisol",
    "colleague": "tomas",
    "officer": "yetunde",
    "associate": "arash",
}
NOT_PAGES = ("/robots.txt", "/healthz", "/readyz", "/assets", "/mailbox")

seen_by_anybody: set[str] = set()


def pages_within_reach(person: Person, limit: int = 60) -> list[str]:
    """One address a kind of page, found by following links from the first page."""
    found: dict[str, str] = {"/": "/", "/nothing-here": "/nothing-here"}
    waiting = deque(["/"])
    while waiting and len(found) < limit:
        person.go(waiting.popleft())
        for path in links_of(person.page):
            if kind_of(path) not in found and not path.startswith(NOT_PAGES) and "/download." not in path:
                found[kind_of(path)] = path
                waiting.append(path)
    return list(found.values())


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_breaks_a_wcag_rule_or_scrolls_sideways(role: str, stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack, PEOPLE[role])
    paths = pages_within_reach(person)
    wrong: list[str] = []
    assert len(paths) > 5, "the crawl found too little to mean anything"

    for path in paths:
        person.go(path)
        wrong += [f"{path}: {violation}" for violation in violations(person.page)]
    for path in (path for path in paths if kind_of(path) not in seen_by_anybody):
        seen_by_anybody.add(kind_of(path))
        wrong += in_the_dark_and_on_a_narrow_screen(person.page, stack.origin + path)

    person.forget_refusals()  # the page that is not there
    assert wrong == []


def in_the_dark_and_on_a_narrow_screen(page: Page, url: str) -> list[str]:
    wrong = []
    page.emulate_media(color_scheme="dark")
    page.goto(url)
    wrong += [f"{url} dark: {violation}" for violation in violations(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(url)
    wrong += [f"{url} at 320: {violation}" for violation in violations(page)]
    if (pixels := sideways(page)) > 0:
        wrong.append(f"{url} at 320: scrolls sideways by {pixels} px")
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


@pytest.mark.parametrize("path", ["/join", "/contact", "/sign-in"])
def test_a_form_with_errors_leads_to_them(path: str, stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack)
    page = person.go(path)
    page.locator("main form button[type=submit]").first.click()

    page.wait_for_selector(".error-summary")
    assert page.title().startswith("Error: ")
    eventually(lambda: has_focus(page, ".error-summary"), "the focus moves to the summary")
    assert page.evaluate(
        "document.querySelector('.error-summary').compareDocumentPosition(document.querySelector('h1')) & 4"
    )
    assert violations(page) == []
    page.locator(".error-summary a").first.click()
    eventually(lambda: has_focus(page, "input, textarea, select"), "the link moves the focus to its field")
    person.forget_refusals()
