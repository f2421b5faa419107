"""Without a line, or without a session: what was typed stays on the device, under its rules, and arrives later."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.people import Person
from tests.browser.test_writing import LEAD, PARTNER, open_section
from tests.browser.writing import SAVED, editor, state, text_of, write
from tests.stack import Stack
from tests.waiting import eventually

SECTION = "Timeliness and sustainability"
COUNT = """async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const all = await settled(indexedDB.open("portal-unsent"))
  const counts = {}
  for (const name of all.objectStoreNames) {
    counts[name] = await settled(all.transaction(name).objectStore(name).count())
  }
  all.close()
  return counts
}"""


def kept(page: Page, store: str) -> int:
    """How many rows this browser keeps in one of its stores."""
    return int(page.evaluate(COUNT).get(store, 0))


def sign_in(person: Person, stack: Stack, name: str, *, own_device: bool) -> None:
    """By the form, which asks whose device it is."""
    mail, password = stack.sign_ins()[name]
    page = person.go("/sign-in")
    page.get_by_label("Mail address").fill(mail)
    page.get_by_label("Password", exact=True).fill(password)
    if own_device:
        page.get_by_label("This is my own device").check()
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def empty(page: Page) -> None:
    """Begin with an empty text, whatever the stories before left in this section."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(state(page)).to_have_text(SAVED)


@pytest.mark.parametrize("own_device", [True, False], ids=["one's own device", "a device of others"])
def test_written_offline_in_a_closed_tab_it_is_merged_with_what_others_wrote_meanwhile(
    network: Stack, arrive: Arrive, own_device: bool
) -> None:
    lead, partner = arrive(network), arrive(network, PARTNER)
    sign_in(lead, network, LEAD, own_device=own_device)
    ours, theirs = open_section(lead, SECTION), open_section(partner, SECTION)
    empty(ours)
    write(ours, "Before.\n")
    expect(editor(theirs).locator("p")).to_have_count(2)
    address = ours.url

    lead.context.set_offline(True)
    write(ours, "In the tunnel.")
    expect(state(ours)).to_have_text("Offline: 14 changes kept on this device")  # a letter each
    ours.close()
    theirs.locator("[contenteditable=true] p").first.click()
    theirs.keyboard.press("Home")
    theirs.keyboard.type("Meanwhile. ")
    expect(state(theirs)).to_have_text(SAVED)
    lead.context.set_offline(False)

    ours = lead.open_page()
    ours.goto(address)
    for page in (ours, theirs):
        expect(editor(page)).to_contain_text("In the tunnel.")
        expect(state(page)).to_have_text(SAVED)
        assert text_of(page) == "Meanwhile. Before.\nIn the tunnel."
    ours.reload()
    expect(editor(ours)).to_contain_text("In the tunnel.")
    assert text_of(ours) == "Meanwhile. Before.\nIn the tunnel."
    assert kept(ours, "edits") == 0
    lead.complaints.clear()  # a line that broke is an error to Chromium
    assert network.tracebacks() == ""


def test_texts_stay_on_ones_own_device_only_and_go_with_the_person(stack: Stack, arrive: Arrive) -> None:
    other, own = arrive(stack, LEAD), arrive(stack)
    sign_in(own, stack, LEAD, own_device=True)
    for person in (other, own):
        write(open_section(person, SECTION), "Known here. ")
        expect(state(person.page)).to_have_text(SAVED)
        person.page.get_by_role("navigation", name="Sections").get_by_text("Vision", exact=True).click()
        expect(editor(person.page)).to_be_visible()
    eventually(lambda: kept(own.page, "texts") >= 1, "the text on one's own device", patience=15)
    assert kept(own.page, "bodies") == kept(own.page, "texts")
    assert kept(other.page, "texts") == 0

    own.page.locator(".band .menu.only-broad summary").click()
    own.page.get_by_role("button", name="Sign out", exact=True).click()
    own.page.wait_for_url(lambda url: "/sections/" not in url)
    assert (kept(own.page, "texts"), kept(own.page, "bodies")) == (0, 0)


def test_a_session_that_ends_elsewhere_keeps_the_text_here_till_the_same_person_is_back(
    stack: Stack, arrive: Arrive
) -> None:
    lead = arrive(stack, LEAD, fresh=True)
    elsewhere = arrive(stack)
    elsewhere.context.add_cookies(lead.session_cookies())
    page = open_section(lead, SECTION)
    empty(page)
    write(page, "Saved. ")
    expect(state(page)).to_have_text(SAVED)

    elsewhere.go("/boards")
    elsewhere.page.locator(".band .menu.only-broad summary").click()
    elsewhere.page.get_by_role("button", name="Sign out", exact=True).click()
    elsewhere.page.wait_for_url(lambda url: not url.endswith("/boards"))
    write(page, "Still typing.")
    expect(state(page)).to_have_text("Signed out: your text is kept on this device")
    assert page.locator("[data-document-target=announcer]").text_content() != ""
    eventually(lambda: kept(page, "edits") > 0, "the text on this device")

    again = page.get_by_role("link", name="Sign in again")
    with page.expect_navigation():
        again.click()
    lead.sign_in(*stack.sign_ins()[LEAD])
    page = open_section(lead, SECTION)
    expect(editor(page)).to_have_text("Saved. Still typing.")
    expect(state(page)).to_have_text(SAVED)
    lead.complaints[:] = [text for text in lead.complaints if not re.search("40[01]|WebSocket", text)]
