"""The lead freezes a section while a partner types, and brings an earlier text back: what both tabs show."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.pages import has_focus, sideways, violations
from tests.browser.test_writing import LEAD, PARTNER, open_section
from tests.browser.writing import SAVED, editor, state, text_of, write
from tests.stack import Stack
from tests.waiting import eventually

SECTION = "Capability to deliver"
FROZEN = re.compile(r"^\s*Frozen by Yétúndé Akínṣọlá \(.+\)\.")


def begin_with(page: Page, text: str) -> None:
    """An own text, whatever the stories before left in this section."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    write(page, text)
    expect(state(page)).to_have_text(SAVED)


def reach_by_tab(page: Page, words: str) -> None:
    """Press Tab until the focus is on the control of this name, as somebody without a mouse does."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.textContent.trim()") == words:
            return
    raise AssertionError(f"Tab never came to {words!r}")


def keep_as(page: Page, name: str) -> str:
    """Keep the present text under a name, and wait until it was read. Returns the address of the version."""
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Keep this text as a version").click()
    expect(page.get_by_role("status").first).to_contain_text(f"The text is kept as “{name}”.")

    def is_read() -> bool:
        page.reload()
        return page.locator("ol.list > li", has_text=name).get_by_text("Being read").count() == 0

    eventually(is_read, "the version is read", patience=15)
    return str(page.get_by_role("link", name=name).get_attribute("href"))


def test_a_frozen_section_can_be_read_by_all_and_written_again_after_the_lead_says_why(
    network: Stack, arrive: Arrive
) -> None:
    lead = arrive(network, LEAD)
    partner = arrive(network, PARTNER, not_on=lead)
    ours, theirs = open_section(lead, SECTION), open_section(partner, SECTION)
    begin_with(ours, "Agreed words.")
    write(theirs, " Still typing.")
    expect(state(theirs)).to_have_text(SAVED)

    ours.get_by_role("button", name="Freeze this section").click()

    for page in (ours, theirs):
        expect(page.locator(".standing")).to_have_text(FROZEN)
        expect(page.locator(".sections [aria-current] .tag", has_text="Frozen")).to_be_visible()
        expect(page.locator("[contenteditable=true]")).to_have_count(0)
        expect(state(page)).to_have_text("Frozen: this text stays as it is")
        expect(page.locator(".doc-text")).to_contain_text("Agreed words. Still typing.")
        assert violations(page) == []
    expect(theirs.get_by_role("link", name="Unfreeze")).to_have_count(0)

    ours.get_by_role("link", name="Unfreeze", exact=True).click()
    ours.get_by_label("Reason").fill("One more figure")
    ours.get_by_role("button", name="Unfreeze").click()

    expect(theirs.locator(".standing .notice")).to_have_count(0)
    expect(theirs.locator(".byline")).to_contain_text("unfroze Capability to deliver: One more figure")
    write(theirs, " Seventeen.")
    expect(editor(ours)).to_contain_text("Agreed words. Still typing. Seventeen.")
    expect(state(theirs)).to_have_text(SAVED)
    assert network.tracebacks() == ""


def test_a_restored_text_stands_in_every_tab_and_unsaved_words_are_offered_back(network: Stack, arrive: Arrive) -> None:
    lead = arrive(network, LEAD)
    partner = arrive(network, PARTNER, not_on=lead)
    ours, theirs = open_section(lead, SECTION), open_section(partner, SECTION)
    begin_with(ours, "The former words.")
    section, kept = ours.url, keep_as(ours, "Before the change")
    write(theirs, " Changed since.")
    expect(state(theirs)).to_have_text(SAVED)
    partner.context.set_offline(True)
    write(theirs, " Never sent.")
    expect(state(theirs)).to_contain_text("kept on this device")

    lead.go(kept)
    expect(ours.locator(".doc")).to_have_text("The former words.")
    ours.get_by_role("link", name="Restore this version").click()
    ours.get_by_role("button", name="Restore this version").click()

    ours.wait_for_url(section)
    expect(ours.get_by_role("status").first).to_contain_text("The text is as it was in that version.")
    expect(editor(ours)).to_have_text("The former words.")
    partner.context.set_offline(False)
    expect(editor(theirs)).to_have_text("The former words.")
    expect(theirs.locator(".rescue").get_by_role("textbox")).to_have_value(re.compile("Never sent"))
    assert text_of(ours) == text_of(theirs) == "The former words."
    partner.complaints.clear()  # a line that broke is an error to Chromium
    assert network.tracebacks() == ""


def test_a_lone_blank_is_no_words_to_offer_back(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    partner = arrive(stack, PARTNER, not_on=lead)
    ours, theirs = open_section(lead, SECTION), open_section(partner, SECTION)
    begin_with(ours, "Once more.")
    kept = keep_as(ours, "Before a blank")
    expect(editor(theirs)).to_have_text("Once more.")
    partner.context.set_offline(True)
    write(theirs, " ")
    expect(state(theirs)).to_contain_text("kept on this device")

    lead.go(kept)
    ours.get_by_role("link", name="Restore this version").click()
    ours.get_by_role("button", name="Restore this version").click()
    expect(ours.get_by_role("status").first).to_contain_text("The text is as it was in that version.")
    partner.context.set_offline(False)

    eventually(lambda: text_of(theirs) == "Once more.", "the restored text is here", patience=15)
    expect(state(theirs)).to_have_text(SAVED)
    expect(theirs.locator(".rescue")).to_have_count(0)
    partner.complaints.clear()  # a line that broke is an error to Chromium


def test_versions_and_freezing_are_done_by_keyboard_and_break_no_rule(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = open_section(lead, SECTION)
    begin_with(page, "Words to keep.")
    page.set_viewport_size({"width": 390, "height": 844})
    section = page.url

    reach_by_tab(page, "Versions")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions")
    assert (violations(page), sideways(page)) == ([], 0)
    kept = keep_as_by_keyboard(page, "By keyboard")
    for path in (kept, f"{kept}/restoration"):
        lead.go(path)
        assert (violations(page), sideways(page)) == ([], 0)

    page.goto(section)
    expect(editor(page)).to_have_text("Words to keep.")
    reach_by_tab(page, "Freeze this section")
    page.keyboard.press("Enter")
    expect(page.locator(".standing")).to_have_text(FROZEN)
    eventually(lambda: has_focus(page, ".freezing a"), "the focus on what was changed")
    assert (violations(page), sideways(page)) == ([], 0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/unfreeze")
    assert (violations(page), sideways(page)) == ([], 0)
    page.get_by_label("Reason").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("Say why, so that the team knows.")
    lead.forget_refusals()
    page.get_by_label("Reason").fill("Only a rehearsal")
    page.keyboard.press("Enter")
    page.wait_for_url(section)
    expect(editor(page)).to_have_text("Words to keep.")


def keep_as_by_keyboard(page: Page, name: str) -> str:
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=name)
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def test_paper_says_that_a_text_is_frozen_and_shows_no_buttons(stack: Stack, arrive: Arrive) -> None:
    page = open_section(arrive(stack, LEAD), SECTION)
    editor(page)
    page.get_by_role("button", name="Freeze this section").click()
    expect(page.locator(".standing")).to_have_text(FROZEN)
    page.emulate_media(media="print")
    expect(page.locator(".standing")).to_be_visible()
    for furniture in (".versions-link", ".freezing", ".rail"):
        expect(page.locator(furniture).first).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Unfreeze", exact=True).click()
    page.get_by_label("Reason").fill("Only a rehearsal")
    page.get_by_role("button", name="Unfreeze").click()
    expect(editor(page)).to_be_visible()
