"""The shared editor as people see it: its text, who is in it, what it says of saving, its count."""

from __future__ import annotations

import re
import tomllib

from playwright.sync_api import Locator, Page, expect

from launcher.environment import ROOT

# The sample's application, as its link is named everywhere.
APPLICATION: str = tomllib.loads((ROOT / "portal/sample/texts/application.toml").read_text(encoding="utf-8"))["title"]
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")


def editor(page: Page) -> Locator:
    """The text being written, once the first sync is through."""
    surface = page.locator("[contenteditable=true]")
    expect(surface).to_be_visible()
    return surface


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
