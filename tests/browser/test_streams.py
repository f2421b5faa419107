"""A page that follows a stream, in real Chromium: arriving, being away, coming back, by every transport."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.live.processes import Server, Tab, serving
from tests.waiting import eventually

REFUSED = """window.WebSocket = class {
  constructor() { setTimeout(() => { this.onerror(new Event("error")); this.onclose(new Event("close")) }) }
  close() {}
}"""
SWALLOWED = "window.WebSocket = class { close() {} }"
CUT = "import('lib/socket').then(({ socket }) => socket('/').io.engine.close())"
STATE = "import('lib/socket').then(({ line }) => line.state)"
TRANSPORT = "import('lib/socket').then(({ socket }) => socket('/').io.engine.transport.name)"


@pytest.fixture(scope="module")
def server(
    whole_app: Flask, instance: Path, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("l")
    (folder / "portal.sqlite").write_bytes((instance / "migrated.sqlite").read_bytes())
    one = Server(folder, valkey_url)
    with serving(one):
        yield one


@pytest.fixture
def lounge(server: Server, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`lounge("Ana")`: the page that follows lounge:1, in a browser of her own; the console must stay silent."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def page_of(name: str, path: str = "/lounge", script: str = "") -> Page:
        context = chromium.new_context()
        contexts.append(context)
        if script:
            context.add_init_script(script)
        context.request.post(f"{server.origin}/enter", form={"name": name}, headers={"Origin": server.origin})
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server.origin + path)
        wait_until_line_is(page, "open")
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(message: ConsoleMessage) -> bool:
    """Errors of our scripts; that a request was refused, Chromium says by itself."""
    return message.type == "error" and not message.text.startswith(("Failed to load resource", "WebSocket connection"))


@pytest.fixture
def speaker(server: Server) -> Iterator[Tab]:
    tab = Tab(server, "Speaker")
    yield tab
    tab.http.close()


def test_what_is_said_appears_once_and_what_is_there_is_not_added_again(lounge, speaker):
    page = lounge("Ana", "/lounge?empty=1")

    speaker.post("/say", text="A new word")
    expect(page.get_by_text("A new word")).to_have_count(1)
    page.reload()
    expect(page.get_by_text("A new word")).to_have_count(1)


@pytest.mark.parametrize(
    ("script", "transport"),
    [("", "websocket"), (REFUSED, "polling"), (SWALLOWED, "polling")],
    ids=["free", "refused", "swallowed"],
)
def test_every_transport_carries_it(lounge, speaker, script, transport):
    page = lounge("Ana", script=script)
    assert page.evaluate(TRANSPORT) == transport

    before = page.get_by_text(f"By {transport}").count()
    speaker.post("/say", text=f"By {transport}")

    expect(page.get_by_text(f"By {transport}")).to_have_count(before + 1)


def test_who_was_cut_off_catches_up(lounge, speaker):
    page = lounge("Ana")
    speaker.post("/say", text="Before the cut")
    expect(page.get_by_text("Before the cut")).to_have_count(1)

    page.evaluate(CUT)
    speaker.post("/say", text="During the cut", times=3)

    expect(page.get_by_text("During the cut")).to_have_count(3)
    expect(page.get_by_text("Before the cut")).to_have_count(1)


def test_a_page_from_the_history_catches_up(lounge, speaker):
    page = lounge("Ana")
    page.get_by_role("link", name="Elsewhere").click()
    page.wait_for_url("**/about")

    speaker.post("/say", text="While you were elsewhere")
    page.go_back()

    expect(page.get_by_text("While you were elsewhere")).to_have_count(1)


def test_a_refresh_brings_the_news_and_leaves_what_is_being_typed(lounge, speaker):
    page = lounge("Ana")
    page.get_by_label("Words").fill("half a sentence")
    page.get_by_role("heading", name="Lounge").click()

    speaker.post("/say", text="News", refresh="1")

    with page.expect_event("request", lambda request: request.url.endswith("/lounge")):
        speaker.post("/say", text="More news", refresh="1")
    expect(page.get_by_text("More news")).to_have_count(1)
    expect(page.get_by_label("Words")).to_have_value("half a sentence")


def test_readers_are_a_number_and_writers_a_name(lounge):
    ana, ben = lounge("Ana"), lounge("Ben")
    expect(ana.locator("#readers")).to_have_text("2 read this")

    ben.get_by_label("Words").press_sequentially("Hello")

    expect(ana.locator("#writers")).to_have_text("\u2068Ben\u2069 writes")
    expect(ben.locator("#writers")).to_have_text("")
    ben.context.close()
    expect(ana.locator("#readers")).to_have_text("You alone")


def test_a_session_that_ended_is_known_to_the_page(lounge, speaker):
    page = lounge("Ana")
    speaker.post("/end", name="Ana", tell="1")

    wait_until_line_is(page, "ended")


def wait_until_line_is(page: Page, state: str) -> None:
    eventually(lambda: page.evaluate(STATE) == state, f"the line to be {state}", 20)
