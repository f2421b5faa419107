"""The boards in real browsers: two people on two server processes, drafts, keyboard, no script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.people import Person
from tests.stack import Stack

WRITER, READER, OFFICER = "tomas", "marisol", "yetunde"
LONG = "What do you do in the first ten minutes of a workshop?"
SMALL_WINDOW = {"width": 1280, "height": 500}


def open_thread(person: Person, title: str = LONG, page: int | None = None) -> Page:
    """By the board, as people do; `page` then goes to that page."""
    person.go("/boards/teaching-and-training")
    person.page.get_by_role("link", name=title).click()
    person.page.wait_for_url("**/boards/threads/*")
    if page:
        person.page.goto(f"{person.page.url.split('#')[0].split('?')[0]}?page={page}")
    expect(person.page.locator(".reading-now")).not_to_be_empty()
    return person.page


def reply(page: Page, text: str) -> None:
    page.get_by_label("Your reply").fill(text)
    page.get_by_role("button", name="Post reply").click()


def test_a_reply_appears_for_the_other_without_moving_what_they_write(stack: Stack, arrive: Arrive) -> None:
    tomas = arrive(stack, WRITER)
    marisol = arrive(stack, READER, not_on=tomas, viewport=SMALL_WINDOW)
    writing, reading = open_thread(tomas, page=3), open_thread(marisol, page=3)
    assert tomas.server != marisol.server, "this is about two processes"
    box = reading.get_by_label("Your reply")
    box.fill("Half a sentence")
    before = box.bounding_box()
    expect(writing.locator(".writing")).to_contain_text("Marisol Quintanar")
    expect(writing.locator(".reading-now")).to_have_text("2 people reading now")

    reply(writing, "A **new** opening")

    expect(reading.locator(".post").last).to_contain_text("A new opening", timeout=2000)
    expect(reading.locator("#thread-status")).to_have_text("1 new reply")
    expect(writing.locator("#thread-status")).to_have_text("Your reply is posted.")
    after = box.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
    assert box.input_value() == "Half a sentence"
    assert writing.locator(".post").last.get_attribute("id") == reading.locator(".post").last.get_attribute("id")
    assert writing.get_by_text("A new opening").count() == 1, "the author has it once"


def test_away_from_the_end_a_link_says_that_something_came(stack: Stack, arrive: Arrive) -> None:
    tomas, marisol = arrive(stack, WRITER), arrive(stack, READER, viewport=SMALL_WINDOW)
    writing, reading = open_thread(tomas, page=3), open_thread(marisol, page=1)
    reading.evaluate("scrollTo(0, 300)")
    count = reading.locator(".post").count()

    reply(writing, "One more")

    pill = reading.locator(".pill")
    expect(pill).to_have_text("1 new reply")
    assert reading.evaluate("scrollY") == 300
    assert reading.locator(".post").count() == count, "it stands on another page"
    pill.click()
    expect(reading.locator(".post:target")).to_contain_text("One more")


def test_a_thread_opens_at_the_first_unread_post(stack: Stack, arrive: Arrive) -> None:
    title = "Opened twice, read once"
    writer, reader = arrive(stack, READER), arrive(stack, OFFICER, viewport=SMALL_WINDOW)
    writing = writer.go("/boards/teaching-and-training/threads/new")
    writing.get_by_label("Title").fill(title)
    writing.get_by_label("Your text").fill("\n\n".join(f"Line {number}" for number in range(40)) + "\n\nThe end")
    writing.get_by_role("button", name="Start the thread").click()
    writing.wait_for_url("**/boards/threads/*")
    with reader.page.expect_response(re.compile(r"/boards/threads/\d+/read$")):
        open_thread(reader, title).get_by_text("The end").scroll_into_view_if_needed()
    reader.go("/")
    reply(writing, "Something new")
    expect(writing.locator("#thread-status")).to_have_text("Your reply is posted.")

    page = open_thread(reader, title)

    expect(page.locator("#unread")).to_be_in_viewport()
    expect(page.get_by_text("Something new")).to_be_in_viewport()


def test_reading_is_noted_once_it_was_in_sight(stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack, "niloufar", viewport={"width": 1280, "height": 4000})
    title = "Simulated patients who interrupt: how do you brief them?"
    with person.page.expect_response(re.compile(r"/boards/threads/\d+/read$")) as noted:
        open_thread(person, title)
    assert noted.value.status == 204
    person.go("/boards/teaching-and-training")
    expect(person.page.get_by_role("listitem").filter(has_text=title)).not_to_have_class("has-news")


def test_a_draft_outlives_a_reload_and_a_session_that_ended(stack: Stack, arrive: Arrive) -> None:
    marisol = arrive(stack, READER)
    page = open_thread(marisol, "Is one session a year worth anything?")
    thread = page.url
    page.get_by_label("Your reply").fill("Written on a train")
    expect(page.get_by_text("Draft kept on this device.")).to_be_visible()

    page.reload()
    expect(page.get_by_label("Your reply")).to_have_value("Written on a train")

    page.goto("about:blank")  # the session ends while nothing of the page is on its way
    marisol.context.clear_cookies(name="portal")
    marisol.sign_in(*stack.sign_ins()[READER])
    page.goto(thread)
    expect(page.get_by_label("Your reply")).to_have_value("Written on a train")

    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(".post").last).to_contain_text("Written on a train")
    expect(page.get_by_label("Your reply")).to_have_value("")
    page.reload()
    expect(page.get_by_label("Your reply")).to_have_value("")


def test_a_reply_is_posted_by_keyboard_and_the_focus_goes_to_it(stack: Stack, arrive: Arrive) -> None:
    page = open_thread(arrive(stack, WRITER), "A reading list that people really read")
    page.get_by_label("Your reply").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".post").last).to_contain_text("By keyboard")
    expect(page.locator(".post").last).to_be_focused()


def test_a_text_that_is_refused_stays_in_the_box(stack: Stack, arrive: Arrive) -> None:
    tomas = arrive(stack, WRITER)
    page = open_thread(tomas, "A reading list that people really read")
    reply(page, "   ")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    page.locator(".error-summary a").click()
    expect(page.get_by_label("Your reply")).to_be_focused()
    assert "422" in tomas.complaints.pop(), "Chromium says so in its console, and nothing else"


def test_everything_can_be_read_and_posted_without_script(stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack, READER, java_script_enabled=False)
    person.go("/boards")
    person.page.get_by_role("link", name="Everyday practice").click()
    person.page.get_by_role("link", name="Bad news by video call").click()
    if person.page.get_by_role("button", name="Mark read to here").count():
        person.page.get_by_role("button", name="Mark read to here").click()
    assert not person.page.get_by_role("button", name="Mark read to here").count()
    reply(person.page, "Without script")
    person.page.wait_for_url(re.compile(r"\?page=1#post-\d+$"))
    assert "Without script" in person.page.locator(".post").last.inner_text()
