"""Words that came too late: handed in by their writer, put in by an editor of the section, followed by the writer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Arrive
from tests.browser.pages import has_focus, sideways, violations
from tests.browser.people import Person
from tests.browser.test_writing import LEAD, PARTNER, open_section
from tests.browser.writing import SAVED, editor, state, write
from tests.stack import Stack
from tests.waiting import eventually

SECTION = "Capability to deliver"


@pytest.fixture
def lead(stack: Stack, arrive: Arrive) -> Iterator[Person]:
    """The lead, who gives the partner's person back what they take away."""
    lead = arrive(stack, LEAD)
    yield lead
    give(lead, "Writer")


def give(lead: Person, role: str) -> None:
    """The partner's person becomes a writer or a reader; waits for the answer."""
    team = lead.open_page()
    team.goto(f"{lead.origin}/applications")
    team.get_by_role("link", name="Keeping the Open Listening Toolkit").first.click()
    team.get_by_role("link", name="Partners and people").click()
    team.get_by_label("Role of Marisol Quintanar").select_option(label=role)
    with team.expect_response(lambda answer: answer.url.endswith("/role")):
        team.get_by_role("button", name=re.compile("Save.*Marisol")).click()
    team.close()


def waiting(page: Page) -> Locator:
    return page.locator(".rescues-waiting summary")


def too_late(lead: Person, partner: Person, words: str) -> Page:
    """The partner types offline, loses the right, comes back and hands the words in."""
    page = open_section(partner, SECTION)
    write(page, " ")
    expect(state(page)).to_have_text(SAVED)
    partner.context.set_offline(True)
    write(page, words)
    expect(state(page)).to_contain_text("kept on this device")
    give(lead, "Reader")
    partner.context.set_offline(False)
    page.get_by_role("button", name="Hand it in").click()
    expect(page.locator(".rescue")).to_contain_text("See what becomes of it")
    expect(page.get_by_role("button", name="Your words above the text")).to_be_hidden()
    partner.complaints.clear()  # a line that broke is an error to Chromium
    return page


def test_words_of_who_lost_the_right_are_put_in_at_the_caret_by_an_editor_and_their_writer_is_told(
    stack: Stack, arrive: Arrive, lead: Person
) -> None:
    partner = arrive(stack, PARTNER, not_on=lead)
    ours = open_section(lead, SECTION)
    write(ours, "We begin: ")
    expect(state(ours)).to_have_text(SAVED)
    theirs = too_late(lead, partner, "words from the train.")

    expect(waiting(ours)).to_have_text("1 rescued text waits")
    expect(waiting(theirs)).to_have_count(0)
    assert "words from the train" not in editor(ours).inner_text()
    waiting(ours).focus()
    ours.keyboard.press("Enter")
    panel = ours.locator(".rescued")
    expect(panel).to_contain_text("Marisol Quintanar lost the right to write here.")
    assert violations(ours) == []
    assert sideways(ours) == 0
    panel.get_by_role("button", name="Insert at the cursor").click()

    expect(editor(ours)).to_contain_text("words from the train.")
    expect(waiting(ours)).to_have_count(0)
    expect(state(ours)).to_have_text(SAVED)
    expect(theirs.locator(".doc-text")).to_contain_text("words from the train.")
    theirs.get_by_role("link", name="See what becomes of it").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("What became of your words")
    expect(theirs.locator(".rescued").first).to_contain_text("Yétúndé Akínṣọlá inserted these words.")
    assert violations(theirs) == []


def test_an_editor_declines_words_by_keyboard_and_the_focus_stays(stack: Stack, arrive: Arrive, lead: Person) -> None:
    partner = arrive(stack, PARTNER, not_on=lead)
    ours = open_section(lead, SECTION)
    editor(ours)
    too_late(lead, partner, " Nobody asked for this.")

    expect(waiting(ours)).to_have_text("1 rescued text waits")
    waiting(ours).click()
    link = ours.get_by_role("link", name="All rescued words of this text")
    address = link.get_attribute("href")
    ours.get_by_role("button", name="Decline").focus()
    ours.keyboard.press("Enter")
    expect(waiting(ours)).to_have_count(0)
    expect(editor(ours)).not_to_contain_text("Nobody asked for this.")
    eventually(lambda: has_focus(ours, ".doc-text"), "the keyboard is in the text, not lost", patience=5)
    assert address is not None
    page = lead.go(address)
    expect(page.locator(".rescued").first).to_contain_text("Yétúndé Akínṣọlá declined these words.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_rescued_words_break_no_wcag_rule(stack: Stack, arrive: Arrive, lead: Person, scheme: str) -> None:
    partner = arrive(stack, PARTNER, not_on=lead)
    theirs = too_late(lead, partner, f" Seen in {scheme}. " + "A very long word: " + "x" * 120)
    ours = open_section(lead, SECTION)
    expect(waiting(ours)).to_contain_text("wait")
    waiting(ours).click()
    address = ours.get_by_role("link", name="All rescued words of this text").get_attribute("href")
    for page, path in ((ours, address), (theirs, "/rescues")):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{stack.origin}{path}")
        expect(page.locator(".rescued").first).to_contain_text(f"Seen in {scheme}.")
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert sideways(page) == 0
        page.set_viewport_size({"width": 1280, "height": 900})
    ours.goto(f"{stack.origin}{address}")
    ours.get_by_role("button", name="Decline").first.click()
    expect(ours.get_by_role("main")).to_contain_text("Yétúndé Akínṣọlá declined these words.")
    eventually(lambda: has_focus(ours, "body, a, button, main"), "the focus is somewhere on the page")
