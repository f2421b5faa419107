"""Two people write one section at the same time, on two server processes, on any network."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.pages import has_focus
from tests.browser.people import Person
from tests.browser.writing import SAVED, editor, figure, fresh_section, state, text_of, write, write_in_block
from tests.stack import Stack
from tests.waiting import eventually

LEAD, PARTNER, READER = "yetunde", "marisol", "niloufar"


def open_section(person: Person, title: str) -> Page:
    """By the application's own list, as people do."""
    person.go("/applications")
    person.page.get_by_role("link", name="Keeping the Open Listening Toolkit").first.click()
    person.page.get_by_role("navigation", name="Sections").get_by_text(title, exact=True).click()
    expect(person.page.locator(".sheet h2").first).to_contain_text(title)
    return person.page


def test_two_people_on_two_processes_write_one_section(network: Stack, arrive: Arrive) -> None:
    lead = arrive(network, LEAD)
    partner = arrive(network, PARTNER, not_on=lead)
    assert lead.server != partner.server, "this is about two processes"
    ours, theirs = open_section(lead, "Vision"), open_section(partner, "Vision")
    editor(ours), editor(theirs)

    write(ours, "Listening is a skill. ")
    expect(editor(theirs)).to_contain_text("Listening is a skill.")
    expect(theirs.locator(".caret b").first).to_have_text("Yétúndé Akínṣọlá")
    write(theirs, "It can be taught.")

    expect(editor(ours)).to_contain_text("It can be taught.")
    for page in (ours, theirs):
        expect(state(page)).to_have_text(SAVED)
        expect(figure(page)).to_have_text("8 of 300 words")
    assert text_of(ours) == text_of(theirs) == "Listening is a skill. It can be taught."
    assert network.tracebacks() == ""


def test_both_type_at_once_and_see_the_same(network: Stack, arrive: Arrive) -> None:
    lead = arrive(network, LEAD)
    partner = arrive(network, PARTNER, not_on=lead)
    ours, theirs = open_section(lead, "EDIA"), open_section(partner, "EDIA")
    write(ours, "ours\n")
    write(ours, "theirs")
    expect(editor(theirs)).to_contain_text("theirs")
    for number in range(12):
        write_in_block(ours, 0, f" a{number}")
        write_in_block(theirs, 1, f" b{number}")

    for page in (ours, theirs):
        expect(figure(page)).to_have_text("26 of 300 words")
        expect(state(page)).to_have_text(SAVED)
    first, second = text_of(ours).split("\n")
    assert text_of(theirs).split("\n") == [first, second]
    assert first.split() == ["ours", *(f"a{number}" for number in range(12))]
    assert second.split() == ["theirs", *(f"b{number}" for number in range(12))]


def test_closing_reopening_and_restarting_the_servers_keep_everything(network: Stack, arrive: Arrive) -> None:
    lead = arrive(network, LEAD)
    page = open_section(lead, "Approach")
    write(page, "Written before the restart.")
    expect(state(page)).to_have_text(SAVED)
    address = page.url

    network.restart_servers()
    write(page, " Written while it was coming back.")
    expect(state(page)).to_have_text(SAVED, timeout=30_000)
    lead.complaints.clear()  # a line that broke is an error to Chromium

    page.close()
    lead.page = lead.open_page()
    lead.page.goto(address)
    expect(editor(lead.page)).to_contain_text("coming back.")
    assert text_of(lead.page) == "Written before the restart. Written while it was coming back."


def test_a_closed_line_is_said_at_once_and_what_was_typed_arrives_later(stack: Stack, arrive: Arrive) -> None:
    lead, partner = arrive(stack, LEAD), arrive(stack, PARTNER)
    ours, theirs = (open_section(person, "Justification of resources") for person in (lead, partner))
    write(ours, "Before. ")
    expect(editor(theirs)).to_contain_text("Before.")

    lead.context.set_offline(True)
    write(ours, "In the tunnel. ")
    expect(state(ours)).to_contain_text("kept on this device", timeout=10_000)
    write(theirs, "Meanwhile. ")

    lead.context.set_offline(False)
    for page in (ours, theirs):
        expect(editor(page)).to_contain_text("In the tunnel.", timeout=15_000)
        expect(editor(page)).to_contain_text("Meanwhile.", timeout=15_000)
        expect(state(page)).to_have_text(SAVED)
    assert text_of(ours) == text_of(theirs)
    lead.complaints.clear()  # a line that broke is an error to Chromium


def test_a_reader_watches_and_cannot_write(stack: Stack, arrive: Arrive) -> None:
    lead, reader = arrive(stack, LEAD), arrive(stack, READER)
    ours, theirs = open_section(lead, "Justification of resources"), open_section(reader, "Justification of resources")

    write(ours, "Seen by everybody on the team.")

    expect(theirs.locator(".doc:visible")).to_contain_text("Seen by everybody on the team.")
    expect(state(theirs)).to_have_text("Read only")
    expect(theirs.locator("[contenteditable=true]")).to_have_count(0)


def test_without_javascript_the_text_and_its_count_are_there(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = fresh_section(lead)
    write(page, "Read without a script.")
    expect(state(page)).to_have_text(SAVED)

    plain = arrive(stack, LEAD, java_script_enabled=False)

    def is_read() -> bool:
        plain.page.goto(page.url)
        return "Read without a script." in plain.page.locator(".doc").first.inner_text()

    eventually(is_read, "the reader's reading of the text", patience=15)
    expect(plain.page.locator(".doc-count .words")).to_have_text("4 of 300 words")
    foot = plain.page.locator(".doc-foot").inner_text()
    assert foot.split("\n\n")[:2] == ["To read", "Writing needs JavaScript."]
    expect(plain.page.get_by_text("loading the editor")).to_have_count(0)


def test_the_state_is_changed_by_keyboard_and_the_focus_stays(stack: Stack, arrive: Arrive) -> None:
    page = fresh_section(arrive(stack, LEAD))
    elsewhere = arrive(stack, LEAD)
    theirs = elsewhere.page
    theirs.goto(page.url)
    editor(theirs)
    change = ".sheet-head .state summary"

    page.locator(change).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(change)).to_contain_text("Drafting")
    expect(theirs.locator(change)).to_contain_text("Drafting")
    expect(page.locator(".sheet-head .byline")).to_contain_text("moved Vision to Drafting")
    eventually(lambda: has_focus(page, change), "the focus on what was changed")


def test_paper_has_the_text_and_its_count_and_no_tools(stack: Stack, arrive: Arrive) -> None:
    page = open_section(arrive(stack, LEAD), "Objectives")
    expect(editor(page)).to_contain_text("four languages")
    page.emulate_media(media="print")

    expect(page.locator(".doc-text")).to_be_visible()
    expect(page.locator(".doc-count .words")).to_be_visible()
    for furniture in (".doc-tools", ".doc-foot .live", ".dock", "header.band", ".zone-question"):
        expect(page.locator(furniture)).to_be_hidden()
