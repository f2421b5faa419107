"""`bin/screenshots`: the pictures of the documentation, from the sample network in real Chromium."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from launcher.environment import ROOT
from tests.browser.conftest import ARGUMENTS
from tests.browser.people import Person
from tests.stack import Stack

FOLDER = ROOT / "docs" / "screenshots"
LIMIT_BYTES = 120_000
WIDTHS = {1280: 900, 390: 844}
SCHEMES = ("light", "dark")
WRITER, COLLEAGUE = "writer", "colleague"


def main() -> int:
    """Start a portal, take every picture, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory(prefix="shots") as name, sync_playwright() as playwright:
        folder = Path(name)
        stack = Stack(folder, database_url=f"sqlite:///{folder / 'portal.sqlite'}")
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            stack.start()
            for width in WIDTHS:
                for scheme in SCHEMES:
                    take_all(browser, stack, width, scheme)
        finally:
            browser.close()
            stack.stop()
    return 0


def arrive(browser: Browser, stack: Stack, width: int, scheme: str) -> Person:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    return Person(context, stack.origin)


def take_all(browser: Browser, stack: Stack, width: int, scheme: str) -> None:
    """Every page in this width and scheme, signed out first."""
    visitor = arrive(browser, stack, width, scheme)
    for name, path in (("home", "/"), ("sign-in", "/sign-in")):
        save(visitor.go(path), f"{name}-{width}-{scheme}")
    leader, partner = (arrive(browser, stack, width, scheme) for _ in range(2))
    names = stack.application_team()
    leader.sign_in(*stack.sign_ins()[names[0]])
    partner.sign_in(*stack.sign_ins()[names[1]])
    save(leader.go("/"), f"desk-{width}-{scheme}")
    leader.go("/boards")
    save(open_longest_thread(leader), f"thread-{width}-{scheme}")
    path = stack.sample_section_path()
    write_together(leader.go(path), partner.go(path))
    save(leader.page, f"application-{width}-{scheme}")
    for person in (visitor, leader, partner):
        person.context.close()


def open_longest_thread(person: Person) -> Page:
    person.page.locator("main a[href^='/boards/']").first.click()
    person.page.locator("main a[href^='/boards/threads/']").first.click()
    person.page.wait_for_selector("article.post")
    return person.page


def write_together(page: Page, other: Page) -> None:
    """Both editors are open and the other person's caret shows."""
    for each in (page, other):
        each.wait_for_selector("[contenteditable=true]")
    other.locator("[contenteditable=true] p").first.click()
    other.keyboard.press("End")
    page.wait_for_selector(".caret")


def save(page: Page, name: str) -> None:
    """The first screen as an 8-bit PNG of at most 120 kB."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    for colours in (256, 128, 64, 32):
        buffer = io.BytesIO()
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= LIMIT_BYTES:
            break
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    sys.exit(main())
