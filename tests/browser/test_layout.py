"""The layout in a real browser: policy, menus, keyboard, scripts off, dark, text twice as large."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Arrive
from tests.browser.pages import has_focus, sideways
from tests.stack import Stack
from tests.waiting import eventually

PUBLIC = ("/", "/about", "/statements/leicester-empathy-declaration", "/privacy", "/accessibility", "/members", "/join")


def test_turbo_visits_keep_the_page_and_its_progress_bar_passes_the_policy(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack).go("/")
    page.evaluate("window.kept = true")

    page.locator("nav.nav a[href='/members']").click()
    page.wait_for_url("**/members")
    page.wait_for_selector("h1:has-text('Members')")

    assert page.evaluate("window.kept")
    assert page.evaluate("[...document.querySelectorAll('style')].map(style => style.sheet.cssRules.length)") == [1]


def test_the_menu_opens_by_keyboard_and_closes_by_escape(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack, viewport={"width": 390, "height": 844}).go("/about")
    summary = page.locator("details.only-narrow summary")
    page.wait_for_load_state("networkidle")

    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.only-narrow nav a", has_text="Members").is_visible()
    page.keyboard.press("Escape")

    assert not page.locator("details.only-narrow nav a", has_text="Members").is_visible()
    assert page.evaluate("document.activeElement.matches('details.only-narrow summary')")


def test_without_scripts_the_menu_opens_and_leads_on(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack, viewport={"width": 390, "height": 844}, java_script_enabled=False).go("/about")

    page.locator("details.only-narrow summary").click()
    page.locator("details.only-narrow nav a", has_text="Members").click()

    assert page.url.endswith("/members")


def test_the_first_tab_skips_to_the_content(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack).go("/about")

    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")

    eventually(lambda: page.evaluate("document.activeElement.id === 'main'"), "the focus moves to the content")


@pytest.mark.parametrize("path", PUBLIC)
def test_nothing_scrolls_sideways_at_320_nor_with_text_twice_as_large(path: str, stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack, viewport={"width": 320, "height": 640}).go(path)
    assert sideways(page) <= 0

    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(page) <= 0


def test_the_systems_colours_are_honoured(stack: Stack, arrive: Arrive) -> None:
    light, dark = (background(arrive(stack, color_scheme=scheme).go("/about")) for scheme in ("light", "dark"))
    assert light == "rgb(255, 255, 255)"
    assert dark == "rgb(19, 30, 36)"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_print_leaves_the_furniture_out_and_shows_addresses(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack).go("/statements/leicester-empathy-declaration")
    page.emulate_media(media="print")

    assert not page.locator("header.band").is_visible()
    assert not page.locator("footer").is_visible()
    assert page.locator(".statement").is_visible()


def test_a_time_said_for_everybody_becomes_the_readers(stack: Stack, arrive: Arrive) -> None:
    page = arrive(stack, timezone_id="Asia/Tehran", locale="en-GB").go("/about")
    page.evaluate(
        """() => {
          const time = document.createElement("time")
          time.dateTime = "2025-07-01T09:00:00Z"
          time.textContent = "1 Jul 2025, 09:00 UTC"
          time.dataset.controller = "zoned"
          time.dataset.zonedStyleValue = "happened"
          document.querySelector("main").append(time)
        }"""
    )
    page.wait_for_selector("time:has-text('1 Jul 2025, 12:30')")


TYPED = "Nine years of listening, in three wards."


def write_an_enquiry_that_is_too_large(page: Page) -> None:
    """What is too much stands in a hidden field: a textarea of a megabyte would make the browser slow."""
    page.get_by_label("Your message").fill(TYPED)
    page.locator("main form").evaluate(
        """(form) => {
          const much = document.createElement("input")
          Object.assign(much, { type: "hidden", name: "much", value: "text ".repeat(260_000) })
          form.append(much)
        }"""
    )
    page.get_by_role("button", name="Send").click()


def test_a_refused_form_stays_as_it_is_and_says_why(stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack)
    page = person.go("/join")

    write_an_enquiry_that_is_too_large(page)

    page.wait_for_selector(".error-summary:has-text('That is too large for us')")
    eventually(lambda: has_focus(page, ".error-summary"), "the focus moves to the words")
    assert page.get_by_label("Your message").input_value() == TYPED
    person.forget_refusals()


def test_without_scripts_a_refusal_is_a_page_and_back_has_the_text(stack: Stack, arrive: Arrive) -> None:
    person = arrive(stack, java_script_enabled=False)
    page = person.go("/join")

    write_an_enquiry_that_is_too_large(page)
    page.wait_for_selector("h1:has-text('That is too large for us')")
    page.go_back()

    assert page.get_by_label("Your message").input_value() == TYPED
    person.forget_refusals()


def test_a_page_that_is_left_while_it_loads_reports_no_error_and_others_are_reported(
    stack: Stack, arrive: Arrive
) -> None:
    person = arrive(stack)
    fail = "([name, words]) => { Promise.reject(new DOMException(words, name)) }"
    person.page.evaluate(fail, ["AbortError", "left"])
    person.page.evaluate(fail, ["NetworkError", "broken"])
    eventually(lambda: person.page.evaluate("1") and person.complaints, "what is reported")
    assert [("left" in complaint, "broken" in complaint) for complaint in person.complaints] == [(False, True)]
    person.complaints.clear()
