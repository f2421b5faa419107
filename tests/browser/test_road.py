"""A newcomer's road: start an application, invite a colleague and another centre, write at the same time."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.writing import SAVED, editor, figure, state, write
from tests.stack import Stack
from tests.waiting import eventually

LEAD, PARTNER, COLLEAGUE_OF_PARTNER = "yetunde", "marisol", "niloufar"
TITLE = "Ẹ̀kọ́ ìgbọ́ràn: listening across wards"
NEWCOMER = "newcomer@northtown.example"


def placeholder(page: Page) -> str:
    return str(editor(page).evaluate("text => getComputedStyle(text, '::after').content"))


def test_from_the_desk_to_three_people_in_one_text(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    page = lead.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Your desk")

    # the lead starts the application and says what the funder's clock says
    page.get_by_role("link", name="Funding").first.click()
    page.get_by_role("link", name="Start an application").click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Date", exact=True).fill("2027-03-18")
    page.get_by_label("Time", exact=True).fill("16:00")
    page.get_by_label("In which place").select_option("Europe/London")
    page.get_by_role("button", name="Start the application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_role("navigation", name="Sections").get_by_role("listitem")).to_have_count(8)
    assert placeholder(page) == '"Start writing here"'
    address = page.url

    # invites another centre, and a colleague by mail
    page.get_by_role("link", name="Partners and people").click()
    page.get_by_label("Organisation", exact=True).select_option(label="Sample Institute, Rivermouth")
    page.get_by_role("button", name="Invite the organisation").click()
    mail = page.get_by_role("region", name="Invite somebody by mail")
    mail.get_by_label("Name").fill("Adaeze Nnamdi")
    mail.get_by_label("Mail address").fill(NEWCOMER)
    mail.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("Adaeze Nnamdi")).to_be_visible()

    # the other centre's leader finds it on the desk, accepts, and adds a colleague
    partner = arrive(stack, PARTNER)
    partner.page.get_by_role("link", name=TITLE).first.click()
    expect(partner.page.get_by_text("Yétúndé Akínṣọlá of Sample Centre, Northtown asks")).to_be_visible()
    partner.page.get_by_role("button", name="Accept").click()
    partner.page.get_by_role("link", name="Partners and people").click()
    add = partner.page.get_by_role("region", name="Add a colleague")
    add.get_by_label("Person").select_option(label="Niloufar Rastegari")
    add.get_by_role("button", name="Add").click()
    expect(partner.page.get_by_role("region", name="People")).to_contain_text("Niloufar Rastegari")

    # the one invited by mail makes an account from the link, and is let in by the inviter
    [link] = eventually(lambda: stack.links_mailed_to(NEWCOMER, "invitations/"), "the invitation's mail")
    newcomer = arrive(stack, timezone_id="Africa/Lagos")
    newcomer.go(link)
    expect(newcomer.page.get_by_text(TITLE)).to_be_visible()
    newcomer.page.get_by_label("Choose a password").fill("a quiet lamp over rivers")
    newcomer.page.get_by_role("button", name="Accept and make my account").click()

    # is asked once for the zone that the browser names
    expect(newcomer.page.get_by_text("Is your time Africa/Lagos?")).to_be_visible()
    newcomer.page.get_by_role("button", name="Yes").click()
    expect(newcomer.page.get_by_text("Times are now shown for Lagos.")).to_be_visible()
    expect(newcomer.page.get_by_text("Is your time")).to_have_count(0)
    page.reload()
    expect(page.get_by_text(NEWCOMER)).to_be_visible()
    page.get_by_role("button", name="Let in Adaeze Nnamdi", exact=True).click()

    # all three write in one section at the same time
    people = [lead, partner, newcomer]
    for person, word in zip(people, ("Empathy ", "needs ", "practice."), strict=True):
        person.page.goto(address)
        write(person.page, word)
    for person in people:
        expect(figure(person.page)).to_have_text("3 of 500 words")
        expect(state(person.page)).to_have_text(SAVED)
        for word in ("Empathy", "needs", "practice."):
            expect(editor(person.page)).to_contain_text(word)
    assert stack.tracebacks() == ""


def test_an_outsider_to_the_team_finds_nothing_there(stack: Stack, arrive: Arrive) -> None:
    lead = arrive(stack, LEAD)
    lead.go("/applications")
    lead.page.get_by_role("link", name="Keeping the Open Listening Toolkit").first.click()
    lead.page.wait_for_url("**/sections/*")
    address = lead.page.url

    associate = arrive(stack, "arash")
    associate.page.goto(address)

    expect(associate.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    associate.forget_refusals()
