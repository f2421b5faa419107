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
from tests.browser.writing import APPLICATION, editor
from tests.stack import Stack
from tests.waiting import eventually

FOLDER = ROOT / "docs" / "screenshots"
LIMIT_BYTES = 120_000
WIDTHS = {1280: 900, 390: 844}
NARROW = 500
SCHEMES = ("light", "dark")
LEAD, PARTNER = "yetunde", "marisol"  # of the sample's application
THREAD = "What do you do in the first ten minutes of a workshop?"


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
    sign_ins = stack.sign_ins()
    leader.sign_in(*sign_ins[LEAD])
    partner.sign_in(*sign_ins[PARTNER])
    save(leader.go("/"), f"desk-{width}-{scheme}")
    save(open_thread(leader), f"thread-{width}-{scheme}")
    write_together(open_application(leader), open_application(partner))
    save(leader.page, f"application-{width}-{scheme}")
    for person in (visitor, leader, partner):
        person.context.close()


def open_thread(person: Person) -> Page:
    """The first page of the longest thread."""
    person.go("/boards")
    person.page.get_by_role("link", name="Teaching and training").click()
    person.page.get_by_role("link", name=THREAD).click()
    person.page.wait_for_selector("article.post")
    person.go(person.page.url.removeprefix(person.origin).partition("?")[0] + "?page=1")
    return person.page


def open_application(person: Person) -> Page:
    person.go("/applications")
    person.page.get_by_role("link", name=APPLICATION).first.click()
    editor(person.page)
    return person.page


def write_together(page: Page, other: Page) -> None:
    """Both carets stand in the text, the other person's with its name. Nothing is typed: each picture is alike."""
    if page.viewport_size and page.viewport_size["width"] < NARROW:
        page.locator(".doc-tools").evaluate("tools => tools.scrollIntoView({ block: 'center' })")
    editor(page).locator("p").nth(1).click(position={"x": 5, "y": 10})
    editor(other).locator("p").first.click(position={"x": 5, "y": 10})
    for _ in range(3):
        other.keyboard.press("Control+ArrowRight")
    eventually(lambda: place_of_caret(page) > 60, "the other person's caret within the first line")
    page.wait_for_selector(".caret.fresh b")


def place_of_caret(page: Page) -> float:
    """Pixels from the edge of the text to the other person's caret."""
    caret, text = (page.locator(each).first.bounding_box() for each in (".caret", ".doc-text p"))
    return caret["x"] - text["x"] if caret and text else 0


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
