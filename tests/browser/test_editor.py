"""The editor itself in real Chromium under the content security policy: tools, keys, limits, offline, layout."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.pages import sideways, violations
from tests.browser.writing import SAVED, editor, figure, fresh_section, state, text_of, write
from tests.stack import Stack

LEAD, WRITER, PARTNER = "yetunde", "tomas", "marisol"
# As Google Docs copies: everything in a <b> that is not bold, bold as a style, and here an address that would run.
DOCS = (
    '<style>p {color: red}</style><b style="font-weight:normal" id="docs-internal-guid-1">'
    '<p>A <span style="font-weight:700">bold</span> note</p>'
    '<p><a href="javascript:alert(1)" onclick="alert(2)">bad</a></p><ul><li>x<ul><li>y</li></ul></li></ul></b>'
)
PHONE = {"width": 390, "height": 844}


def blocks(page: Page) -> list[str]:
    """ "kind: text" of every block."""
    found = editor(page).locator("[data-kind]").all()
    return [f"{block.get_attribute('data-kind')}: {block.inner_text().strip()}" for block in found]


def test_typing_makes_headings_and_lists_and_enter_ends_them(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    write(page, "## Why\nBecause.\n- first\nsecond\n\n1. one\nand so on")
    assert blocks(page) == [
        "h2: Why",
        "p: Because.",
        "bullet: first",
        "bullet: second",
        "ordered: one",
        "ordered: and so on",
    ]
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    assert blocks(page)[0] == "h2: Why"


def test_the_toolbar_is_one_tab_stop_and_works_by_keyboard(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    write(page, "care")
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("Style")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    expect(editor(page).locator("strong")).to_have_text("care")
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Redo")).to_be_focused()
    page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()


def test_escape_then_tab_leaves_the_text_and_says_so(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    write(page, "- item")
    expect(page.get_by_text("Escape, then Tab, leaves the text.")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()
    expect(editor(page).locator("[data-indent='1']")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-document-target=announcer]")).to_have_text("Tab now leaves the text.")
    page.keyboard.press("Tab")
    expect(editor(page)).not_to_be_focused()
    expect(editor(page).locator("[data-indent='1']")).to_have_count(1)


def test_a_link_is_made_by_dialog_and_an_unsafe_one_is_not(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    write(page, "our report")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Address").fill("javascript:alert(1)")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Write a web address or a mail address.")).to_be_visible()
    dialog.get_by_label("Address").fill("example.org/report")
    page.keyboard.press("Enter")
    expect(editor(page).get_by_role("link", name="our report")).to_have_attribute("href", "https://example.org/report")
    expect(editor(page)).to_be_focused()


def test_a_table_is_written_in_grown_and_deleted(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    write(page, "Costs")
    page.get_by_role("button", name="Insert table").click()
    page.keyboard.type("Item")
    page.keyboard.press("Tab")
    page.keyboard.type("Pounds")
    page.get_by_role("button", name="Add row").click()
    expect(editor(page).locator("tr")).to_have_count(4)
    assert text_of(page).startswith("Costs\nItemPounds")
    page.get_by_role("button", name="Delete table").click()
    expect(editor(page).locator("table")).to_have_count(0)


def test_the_count_passes_the_limit_and_says_so_once(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    editor(page).click()
    page.keyboard.insert_text("word " * 299)
    expect(figure(page)).to_have_text("299 of 300 words")
    page.keyboard.insert_text("and three more")
    expect(figure(page)).to_have_text("302 of 300, 2 over")
    expect(page.locator("[data-document-target=announcer]")).to_have_text(
        "The text is now longer than the limit of 300."
    )


def test_undo_takes_back_ones_own_words_only(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = fresh_section(lead)
    again = lead.open_page()
    again.goto(page.url)
    write(page, "Mine. ")
    expect(editor(again)).to_contain_text("Mine.")
    write(again, "Theirs. ")
    expect(editor(page)).to_contain_text("Theirs.")
    page.get_by_role("button", name="Undo").click()
    expect(editor(page)).not_to_contain_text("Mine.")
    expect(figure(again)).to_have_text("1 of 300 words")
    assert text_of(again) == text_of(page) == "Theirs. "


def test_a_paste_keeps_what_the_schema_knows_and_is_cut_when_too_long(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    editor(page).click()
    paste(page, DOCS)
    assert blocks(page) == ["p: A bold note", "p: bad", "bullet: x", "bullet: y"]
    expect(editor(page).locator("a")).to_have_count(0)
    expect(editor(page).locator("strong")).to_have_text("bold")
    paste(page, "<p>" + "long " * 60_000 + "</p>")
    expect(page.locator("[data-document-target=notice]")).to_contain_text("That was more than fits in one paste")
    expect(state(page)).to_have_text(SAVED)


def paste(page: Page, html: str) -> None:
    editor(page).evaluate(
        """(surface, html) => { const data = new DataTransfer(); data.setData("text/html", html)
          const options = {clipboardData: data, bubbles: true, cancelable: true}
          surface.dispatchEvent(new ClipboardEvent("paste", options)) }""",
        html,
    )


def test_written_offline_in_a_tab_that_was_closed_it_arrives_when_the_page_is_opened_again(
    stack: Stack, arrive: Arrive
) -> None:
    lead = arrive(stack, LEAD)
    page = fresh_section(lead)
    address = page.url
    write(page, "Before the tunnel. ")
    expect(state(page)).to_have_text(SAVED)
    lead.context.set_offline(True)
    write(page, "In the tunnel.")
    expect(state(page)).to_have_text("Offline: 14 changes kept on this device")  # a letter each
    page.close()
    lead.context.set_offline(False)

    page = lead.open_page()
    page.goto(address)
    expect(editor(page)).to_have_text("Before the tunnel. In the tunnel.")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(editor(page)).to_have_text("Before the tunnel. In the tunnel.")
    lead.complaints.clear()  # a line that broke is an error to Chromium


def test_signing_out_asks_before_it_drops_what_waits_on_this_device(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD, fresh=True)
    page = fresh_section(lead)
    address = page.url
    lead.context.set_offline(True)
    write(page, "Only here.")
    expect(state(page)).to_contain_text("kept on this device")
    page.close()
    lead.context.set_offline(False)
    page = lead.page = lead.open_page()
    lead.go("/boards")
    page.locator(".band .menu.only-broad summary").click()
    leave = page.get_by_role("button", name="Sign out", exact=True)
    question = page.get_by_role("dialog", name="Text that is not sent")

    leave.click()
    expect(question.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert violations(page) == []
    with page.expect_download() as download:
        question.get_by_role("button", name="Download it").click()
    assert download.value.path().read_text(encoding="utf-8") == "Only here."
    question.get_by_role("button", name="Stay signed in").click()
    expect(question).to_be_hidden()
    assert page.url.endswith("/boards")

    leave.click()
    question.get_by_role("button", name="Sign out and lose it").click()
    page.wait_for_url(lambda url: not url.endswith("/boards"))
    lead.sign_in(*stack.sign_ins()[LEAD])
    lead.page.goto(address)
    expect(figure(page)).to_have_text("0 of 300 words")
    lead.complaints.clear()  # a line that broke is an error to Chromium


def test_the_question_at_signing_out_tells_when_all_is_sent_meanwhile(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD, fresh=True)
    page = fresh_section(lead)
    lead.context.set_offline(True)
    write(page, "Sent after all.")
    expect(state(page)).to_contain_text("kept on this device")
    page.locator(".band .menu.only-broad summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    question = page.get_by_role("dialog", name="Text that is not sent")
    expect(question.get_by_role("button", name="Sign out and lose it")).to_be_visible()

    lead.context.set_offline(False)
    expect(question.get_by_role("status")).to_have_text("All of your text is sent by now.")
    expect(question.get_by_role("button", name="Sign out and lose it")).to_be_hidden()
    assert violations(page) == []
    question.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(lambda url: "/sections/" not in url)
    lead.complaints.clear()  # a line that broke is an error to Chromium


def test_the_name_at_a_caret_shows_for_a_while_and_is_no_part_of_the_text(stack: Stack, arrive: Arrive) -> None:
    lead, partner = arrive(stack, LEAD), arrive(stack, PARTNER)
    for person in (lead, partner):
        person.go("/applications")
        person.page.get_by_role("link", name="Keeping the Open Listening Toolkit").first.click()
        person.page.get_by_role("navigation", name="Sections").get_by_text("Summary", exact=True).click()
        editor(person.page)
    write(partner.page, ".")
    caret = editor(lead.page).locator(".caret")
    expect(caret).to_have_class(re.compile("fresh"))
    expect(caret).to_have_attribute("aria-hidden", "true")
    expect(caret).not_to_have_class(re.compile("fresh"), timeout=6000)
    expect(
        lead.page.get_by_role("img", name="Marisol Quintanar, Sample Institute, Rivermouth, here now")
    ).to_be_visible()
    partner.page.close()
    expect(caret).to_have_count(0)


def test_the_editor_keeps_the_accessibility_rules_at_every_width_and_colour(stack: Stack, arrive: Arrive) -> None:
    for scheme in ("light", "dark"):
        person = arrive(stack, LEAD, viewport=PHONE, color_scheme=scheme)
        page = fresh_section(person)
        write(page, "## Why\nBecause.\n- first")
        page.get_by_role("button", name="Insert table").click()
        assert sideways(page) == 0
        assert violations(page) == []
        page.set_viewport_size({"width": 1280, "height": 900})
        assert sideways(page) == 0
        assert violations(page) == []
