"""Words that the text does not hold are offered back to who wrote them: to insert, to copy, to hand in, to let go."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Arrive
from tests.browser.pages import sideways, violations
from tests.browser.test_writing import LEAD, PARTNER, open_section
from tests.browser.writing import SAVED, editor, state, text_of, write, write_in_block
from tests.stack import Stack


def offered(page: Page) -> Locator:
    """The panels above the text."""
    return page.locator(".rescue")


def empty(page: Page) -> None:
    """Begin with an empty text, whatever the stories before left in this section."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(state(page)).to_have_text(SAVED)


def remove_paragraph(page: Page, number: int) -> None:
    """Select the paragraph and the end of the line before it, and press Delete."""
    write_in_block(page, number, "")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Delete")


def test_words_typed_offline_into_a_paragraph_that_another_removed_are_offered_back(
    stack: Stack, arrive: Arrive
) -> None:
    lead, partner = arrive(stack, LEAD), arrive(stack, PARTNER)
    ours, theirs = (open_section(person, "Justification of resources") for person in (lead, partner))
    empty(ours)
    write(ours, "The first.\nThe second.")
    expect(editor(theirs)).to_contain_text("The second.")

    lead.context.set_offline(True)
    write_in_block(ours, 1, " Precious words.")
    expect(state(ours)).to_contain_text("kept on this device")
    remove_paragraph(theirs, 1)
    expect(state(theirs)).to_have_text(SAVED)
    assert text_of(theirs) == "The first."
    lead.context.set_offline(False)

    panel = offered(ours)
    expect(panel.get_by_role("textbox")).to_have_value(" Precious words.")
    expect(panel).to_contain_text("You wrote this in a paragraph that somebody removed")
    expect(ours.locator("[data-document-target=announcer]")).to_contain_text("Your words stand above the text")
    expect(offered(theirs)).to_have_count(0)
    assert violations(ours) == []
    assert text_of(ours) == "The first."

    write_in_block(ours, 0, "")
    panel.get_by_role("button", name="Insert it").click()
    expect(offered(ours)).to_have_count(0)
    expect(editor(ours)).to_be_focused()
    for page in (ours, theirs):
        expect(editor(page)).to_contain_text("Precious words.")
        assert text_of(page) == "The first. Precious words."
    ours.keyboard.press("Control+z")
    for page in (ours, theirs):
        expect(editor(page)).not_to_contain_text("Precious words.")
        assert text_of(page) == "The first."
    lead.complaints.clear()  # a line that broke is an error to Chromium


def test_offered_words_are_copied_or_let_go_by_keyboard_on_a_phone(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(
        stack, LEAD, viewport={"width": 390, "height": 844}, permissions=["clipboard-read", "clipboard-write"]
    )
    partner = arrive(stack, PARTNER)
    ours, theirs = (open_section(person, "Justification of resources") for person in (lead, partner))
    empty(ours)
    write(ours, "Stays.\nGoes.")
    expect(editor(theirs)).to_contain_text("Goes.")
    lead.context.set_offline(True)
    write_in_block(ours, 1, " And mine.")
    remove_paragraph(theirs, 1)
    expect(state(theirs)).to_have_text(SAVED)
    lead.context.set_offline(False)

    panel = offered(ours)
    ours.get_by_role("button", name="Your words above the text").focus()
    ours.keyboard.press("Enter")
    expect(panel.get_by_role("textbox")).to_be_focused()
    panel.get_by_role("button", name="Copy it").focus()
    assert sideways(ours) == 0
    ours.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_have_text("Copied")
    assert ours.evaluate("navigator.clipboard.readText()") == " And mine."
    ours.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Let it go")).to_be_focused()
    ours.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    expect(ours.get_by_role("button", name="Your words above the text")).to_be_hidden()
    expect(editor(ours)).to_be_focused()
    lead.complaints.clear()  # a line that broke is an error to Chromium


SET_ASIDE = """async ({ person, document, text }) => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const device = await settled(indexedDB.open("portal-unsent"))
  const row = { id: "long", text, code: "locked", message: "", updates: [], epoch: 1, base: 0, at: Date.now() }
  await settled(device.transaction("rescues", "readwrite").objectStore("rescues").put({ ...row, person, document }))
  device.close()
}"""


def test_words_that_are_too_many_to_insert_at_once_stay_offered(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = open_section(lead, "Justification of resources")
    person = int(page.locator("meta[name=person]").get_attribute("content") or 0)
    document = int(page.locator("[data-document-id-value]").get_attribute("data-document-id-value") or 0)
    text = "\n".join(f"Line {number}" for number in range(2_001))
    page.evaluate(SET_ASIDE, {"person": person, "document": document, "text": text})
    page.reload()
    expect(state(page)).to_have_text(SAVED)

    offered(page).get_by_role("button", name="Insert it").click()
    expect(editor(page)).to_contain_text("Line 1999")
    expect(editor(page)).not_to_contain_text("Line 2000")
    expect(offered(page).get_by_role("textbox")).to_have_value(text)
    page.reload()
    expect(offered(page).get_by_role("textbox")).to_have_value(text)
    offered(page).get_by_role("button", name="Let it go").click()
    expect(offered(page)).to_have_count(0)
    empty(page)


AGE_THE_STORE = """async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const now = await settled(indexedDB.open("portal-unsent"))
  const rows = await settled(now.transaction("edits").objectStore("edits").getAll())
  now.close()
  await settled(indexedDB.deleteDatabase("portal-unsent"))
  const asking = indexedDB.open("portal-unsent", 1)
  const keyPath = ["person", "document", "key", "n"]
  asking.onupgradeneeded = () => asking.result.createObjectStore("edits", { keyPath })
  const before = await settled(asking)
  const store = before.transaction("edits", "readwrite").objectStore("edits")
  for (const { epoch, base, ...row } of rows) await settled(store.put(row))
  before.close()
  return rows.length
}"""


def test_what_a_page_of_the_former_portal_left_on_the_device_still_arrives(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = open_section(lead, "Timeliness and sustainability")
    empty(page)
    address = page.url
    lead.context.set_offline(True)
    write(page, "Before the renewal.")
    expect(state(page)).to_have_text("Offline: 19 changes kept on this device")  # a letter each
    page.close()
    lead.context.set_offline(False)
    page = lead.open_page()
    page.goto(f"{stack.origin}/boards")
    assert page.evaluate(AGE_THE_STORE) > 0, "need something that waits"

    page.goto(address)
    expect(editor(page)).to_have_text("Before the renewal.")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(editor(page)).to_have_text("Before the renewal.")
    lead.complaints.clear()  # a line that broke is an error to Chromium
