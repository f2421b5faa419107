"""The shared editor as people see it: its text, who is in it, what it says of saving, its count."""

from __future__ import annotations

import re
import tomllib

from playwright.sync_api import Locator, Page, expect

from launcher.environment import ROOT
from tests.browser.people import Person

# The sample's application, as its link is named everywhere.
APPLICATION: str = tomllib.loads((ROOT / "portal/sample/texts/application.toml").read_text(encoding="utf-8"))["title"]
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")


def editor(page: Page) -> Locator:
    """The text being written, once the first sync is through."""
    surface = page.locator("[contenteditable=true]")
    expect(surface).to_be_visible()
    return surface


def fresh_section(person: Person) -> Page:
    """A section that is this test's own: the first of a new application."""
    page = person.go("/applications")
    page.get_by_role("link", name="Start an application").click()
    page.get_by_label("Title").fill("Made for a test of the editor")
    page.get_by_label("Date", exact=True).fill("2027-03-18")
    page.get_by_label("Time", exact=True).fill("16:00")
    page.get_by_label("In which place").select_option("Europe/London")
    page.get_by_role("button", name="Start the application").click()
    page.wait_for_url(re.compile(r"/applications/\d+"))
    page.get_by_role("navigation", name="Sections").get_by_text("Vision", exact=True).click()
    expect(page.locator(".sheet h2").first).to_contain_text("Vision")
    editor(page)
    return page


def write(page: Page, text: str) -> None:
    """Type at the end of the text, key by key, as a person does."""
    editor(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text, delay=5)


def write_in_block(page: Page, number: int, text: str) -> None:
    """Type at the end of one paragraph."""
    editor(page).locator("p").nth(number).click()
    page.keyboard.press("End")
    page.keyboard.type(text, delay=5)


def state(page: Page) -> Locator:
    """The words about saving."""
    return page.locator("[data-document-target=state]")


def figure(page: Page) -> Locator:
    """The count against the limit."""
    return page.locator("[data-document-target=figure]")


def text_of(page: Page) -> str:
    """What the editor holds, without the carets of others, which are decorations."""
    return str(
        editor(page).evaluate(
            """surface => { const copy = surface.cloneNode(true)
              copy.querySelectorAll('.caret, .ProseMirror-separator').forEach(node => node.remove())
              return [...copy.children].map(block => block.textContent.replaceAll('\\u2060', '')).join('\\n') }"""
        )
    )
