"""What breaks while two people write: no saved word is lost, none stands twice, what the page says of it is true."""

from __future__ import annotations

import itertools
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Page, WebSocketRoute, expect

from launcher import valkey
from tests.browser.conftest import Arrive, running
from tests.browser.people import Person
from tests.browser.test_writing import LEAD, PARTNER, open_section
from tests.browser.writing import SAVED, editor, state, text_of, write, write_in_block
from tests.stack import Stack
from tests.waiting import eventually

RESUMES_WITHIN = 10.0  # seconds
NUMBERS = itertools.count()  # of the words: sections are written by several tests, in any order
SEEN = """surface => [surface.closest('.editor').querySelector('[data-document-target=state]').textContent,
                      [...surface.children].map(block => block.textContent).join(' ')]"""


@pytest.fixture(scope="module")
def faulty(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A portal of this module's own: its processes are killed."""
    yield from running(postgres_server, tmp_path_factory.mktemp("s"), "faults")


@dataclass
class Writers:
    """Two people in one section, on two server processes, each in a paragraph of their own."""

    stack: Stack
    people: list[Person]
    pages: list[Page]
    words: list[str] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)

    def write(self, count: int) -> None:
        """Each types `count` words, in turn; whatever a page says is saved is noted as promised."""
        for _ in range(count):
            for who, page in enumerate(self.pages):
                word = f"w{next(NUMBERS)}"
                self.words.append(word)
                write_in_block(page, who, f" {word}")
                said, text = editor(page).evaluate(SEEN)
                if SAVED.match(said):
                    self.promised |= {found for found in re.findall(r"w\d+", text) if found in self.words[who::2]}

    def all_saved(self, within: float) -> None:
        for page in self.pages:
            expect(state(page)).to_have_text(SAVED, timeout=within * 1000)

    def agree(self, arrive: Arrive, within: float = RESUMES_WITHIN) -> None:
        """Everything arrived, once; both tabs, a new one and the page without a script say the same."""
        self.all_saved(within)
        address = self.pages[0].url
        eventually(lambda: len({text_of(page) for page in self.pages}) == 1, "both tabs to agree", patience=within)
        text = text_of(self.pages[0])
        assert sorted(word for word in re.findall(r"w\d+", text) if word in self.words) == sorted(self.words)
        fresh = arrive(self.stack, LEAD)
        fresh.page.goto(address)
        assert text_of(fresh.page) == text
        plain = arrive(self.stack, LEAD, java_script_enabled=False)

        def reading() -> bool:
            plain.page.goto(address)
            return plain.page.locator(".doc p").all_inner_texts() == text.split("\n")

        eventually(reading, "the reading", patience=20)
        assert self.promised <= set(self.words)
        assert self.stack.tracebacks() == ""
        for person in self.people:
            person.complaints.clear()  # a line that broke is an error to Chromium
        fresh.context.close()
        plain.context.close()


@pytest.fixture
def writers(faulty: Stack, arrive: Arrive) -> Callable[[str], Writers]:
    def begun(section: str) -> Writers:
        lead = arrive(faulty, LEAD)
        partner = arrive(faulty, PARTNER, not_on=lead)
        pages = [open_section(person, section) for person in (lead, partner)]
        write(pages[0], "ours\n")
        write(pages[0], "theirs")
        expect(editor(pages[1])).to_contain_text("theirs")
        return Writers(faulty, [lead, partner], pages)

    return begun


def workers(stack: Stack, number: int) -> list[int]:
    """The processes that serve, below gunicorn's own."""
    pid = stack.processes[f"server-{number}"].pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def signal_workers(stack: Stack, number: int, which: signal.Signals) -> None:
    for pid in workers(stack, number):
        os.kill(pid, which)


def test_killed_server(writers: Callable[[str], Writers], arrive: Arrive) -> None:
    both = writers("Vision")
    both.write(2)
    for number in (0, 1):
        signal_workers(both.stack, number, signal.SIGKILL)
        both.write(3)
    both.agree(arrive)


def test_what_was_saved_outlives_every_server_and_the_tabs_that_wrote_it(
    writers: Callable[[str], Writers], arrive: Arrive
) -> None:
    both = writers("EDIA")
    both.write(3)
    both.all_saved(RESUMES_WITHIN)
    for number in (0, 1):
        signal_workers(both.stack, number, signal.SIGKILL)
    address = both.pages[0].url
    for person in both.people:
        person.context.close()
    fresh = arrive(both.stack, LEAD)
    eventually(both.stack.is_ready, "the servers")
    fresh.page.goto(address)
    assert re.findall(r"w\d+", text_of(fresh.page)) == [*both.words[::2], *both.words[1::2]]


def test_ended_server(writers: Callable[[str], Writers], arrive: Arrive) -> None:
    both = writers("Approach")
    both.write(3)
    asked = time.monotonic()
    both.stack.processes["server-0"].terminate()
    both.write(6)
    both.stack.processes["server-0"].wait(timeout=10)
    assert time.monotonic() - asked < 30  # the typing in between is ours, not the server's
    both.stack.start_server(0)
    both.agree(arrive)


def test_stopped_server(writers: Callable[[str], Writers], arrive: Arrive) -> None:
    both = writers("Capability to deliver")
    both.write(2)
    both.all_saved(RESUMES_WITHIN)
    for number in (0, 1):
        signal_workers(both.stack, number, signal.SIGSTOP)
    try:
        both.write(2)
        for page in both.pages:
            expect(state(page)).not_to_have_text(SAVED)
            expect(state(page)).to_contain_text("Offline", timeout=11_000)
    finally:
        for number in (0, 1):
            signal_workers(both.stack, number, signal.SIGCONT)
    both.agree(arrive, within=15)


def test_redis_and_the_reader_come_and_go(writers: Callable[[str], Writers], arrive: Arrive) -> None:
    both = writers("Vision")
    both.words += re.findall(r"w\d+", text_of(both.pages[0]))
    stack = both.stack
    stack.processes["valkey"].kill()
    stack.processes["valkey"].wait()
    stack.processes["reader"].kill()
    stack.processes["reader"].wait()
    both.write(3)
    both.all_saved(RESUMES_WITHIN)
    eventually(lambda: text_of(both.pages[0]) == text_of(both.pages[1]), "the sweep", patience=RESUMES_WITHIN)
    stack.processes["valkey"] = valkey.start(stack.folder)
    stack.start_process("reader", "-m", "flask", "--app", "wsgi", "reader")
    both.write(3)
    redis.Redis.from_url(stack.environment["REDIS_URL"]).flushall()
    both.write(3)
    both.agree(arrive)


def test_duplicated_tab(faulty: Stack, arrive: Arrive) -> None:
    lead = arrive(faulty, LEAD)
    first = open_section(lead, "Timeliness and sustainability")
    write(first, "one\n")
    write(first, "two")
    with lead.context.expect_page() as opened:
        first.evaluate("window.open(location.href)")
    second = opened.value  # with a copy of the first one's sessionStorage, as Duplicate tab makes
    editor(second)
    expect(editor(second)).to_contain_text("two")
    for number in range(6):
        write_in_block(first, 0, f" a{number}")
        expect(editor(second)).to_contain_text(f" a{number}")
        write_in_block(second, 1, f" b{number}")
        expect(editor(first)).to_contain_text(f" b{number}")
    for page in (first, second):
        expect(state(page)).to_have_text(SAVED)
    eventually(lambda: text_of(first) == text_of(second), "both tabs to agree", patience=10)
    numbers = range(6)
    assert text_of(first) == " ".join(["one", *(f"a{n}" for n in numbers)]) + "\n" + " ".join(
        ["two", *(f"b{n}" for n in numbers)]
    )


def test_lost_connect(faulty: Stack, arrive: Arrive) -> None:
    lead = arrive(faulty, LEAD)
    lost: list[str] = []

    def swallow_two(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if str(message).startswith("40/doc") and len(lost) < 2:
                lost.append(str(message))
            else:
                server.send(message)

        route.on_message(pass_on)

    lead.page.route_web_socket(re.compile("/socket.io/"), swallow_two)
    page = open_section(lead, "Justification of resources")
    expect(state(page)).to_have_text("To read; no connection yet, trying again", timeout=14_000)
    expect(page.locator("[contenteditable=true]")).to_be_visible(timeout=15_000)
    assert len(lost) == 2
    expect(state(page)).to_have_text(SAVED)


def test_a_page_older_than_the_documents(faulty: Stack, arrive: Arrive) -> None:
    lead = arrive(faulty, LEAD)

    def make_older(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: server.send(str(message).replace('"schema":1', '"schema":0')))

    lead.page.route_web_socket(re.compile("/socket.io/"), make_older)
    page = open_section(lead, "Summary")
    expect(state(page)).to_have_text("The portal was renewed: reload the page to write on")
    expect(page.get_by_role("button", name="Reload the page")).to_be_visible()
    expect(page.locator("[contenteditable=true]")).to_have_count(0)


class Held:
    """What a page says waits on the way while `is_on`; what it hears comes at once."""

    def __init__(self, page: Page) -> None:
        self.is_on = False
        self.waiting: list[str | bytes] = []
        page.route_web_socket(re.compile("/socket.io/"), self._between)

    def _between(self, route: WebSocketRoute) -> None:
        self.server = route.connect_to_server()
        route.on_message(self._pass_on)

    def _pass_on(self, message: str | bytes) -> None:
        if self.is_on and message != "3":
            self.waiting.append(message)
        else:
            self.server.send(message)

    def let_go(self) -> None:
        self.is_on = False
        for message in self.waiting:
            self.server.send(message)


def team_page(lead: Person) -> Page:
    page = lead.open_page()
    page.goto(lead.origin + "/applications")
    page.get_by_role("link", name="Keeping the Open Listening Toolkit").first.click()
    page.get_by_role("link", name="Partners and people").click()
    return page


def make(team: Page, role: str) -> None:
    """Give the partner's person a role, and wait for the answer: the choice itself shows at once."""
    team.get_by_label("Role of Marisol Quintanar").select_option(label=role)
    with team.expect_response(lambda answer: answer.url.endswith("/role")):
        team.get_by_role("button", name=re.compile("Save.*Marisol")).click()


def late_words(
    faulty: Stack, arrive: Arrive, who: str, section: str, take_away: Callable[[Page], None]
) -> tuple[Page, Person]:
    """Somebody's words are under way when the lead's change is committed. Returns the lead's page and that person."""
    lead = arrive(faulty, LEAD)
    partner = arrive(faulty, who, not_on=lead)
    held = Held(partner.page)
    ours, theirs = open_section(lead, section), open_section(partner, section)
    write(theirs, "In time. ")
    expect(state(theirs)).to_have_text(SAVED)
    team = team_page(lead)
    held.is_on = True
    write(theirs, "Too late.")
    take_away(team)
    held.let_go()
    expect(theirs.get_by_label("Not saved: what you typed").last).to_have_value("Too late.")
    eventually(lambda: "In time." in text_of(ours), "the words in time", patience=5)
    assert "Too late." not in text_of(ours)
    assert faulty.tracebacks() == ""
    return ours, partner


def test_a_person_who_loses_the_pen_mid_sentence(faulty: Stack, arrive: Arrive) -> None:
    ours, partner = late_words(faulty, arrive, PARTNER, "Justification of resources", lambda team: make(team, "Reader"))
    theirs = partner.page
    expect(state(theirs)).to_have_text("Read only")
    expect(theirs.locator("[contenteditable=true]")).to_have_count(0)
    write(ours, "Still heard.")
    expect(theirs.locator(".doc:visible")).to_contain_text("Still heard.")
    make(team_page(arrive(faulty, LEAD)), "Writer")  # as the next test expects them


def test_a_person_who_is_removed_while_writing(faulty: Stack, arrive: Arrive) -> None:
    def remove(team: Page) -> None:
        team.get_by_role("link", name=re.compile("Remove.*Tomás")).click()
        team.get_by_role("button", name="Remove").click()
        expect(team.get_by_role("region", name="People")).not_to_contain_text("Tomás Echeverri Luna")

    ours, partner = late_words(faulty, arrive, "tomas", "Summary", remove)
    theirs = partner.page
    expect(state(theirs)).to_have_text("You can no longer open this text")
    expect(theirs.locator(".rescue").last).to_contain_text(
        "You could not write here any more when these words arrived."
    )
    expect(theirs.locator(".doc-text")).to_have_count(0)
    expect(theirs.get_by_role("toolbar", name="Formatting")).to_be_hidden()
    write(ours, "Not for everybody.")
    expect(state(ours)).to_have_text(SAVED)
    assert "Not for everybody." not in theirs.content()
    partner.complaints.clear()  # what is no longer theirs is a 404 to Chromium
