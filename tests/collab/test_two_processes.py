"""Two server processes, a reader, one Valkey, PostgreSQL: people on different processes write one text."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pycrdt import XmlFragment, XmlText

from portal.accounts.models import User
from portal.applications.models import Participant
from portal.clock import utcnow
from portal.collab import actions, presence
from portal.collab.models import DocUpdate
from portal.extensions import db
from portal.transaction import commit
from tests.collab.remote import RemoteTab
from tests.collab.servers import Servers, serving
from tests.waiting import eventually

pytestmark = pytest.mark.processes

WORDS = 30


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("s"), "two_processes", servers=2) as running:
        yield running


@pytest.fixture
def team(servers: Servers) -> tuple[int, list[User]]:
    """A section's text and four people who may write in it."""
    make = servers.make
    lead = make.leader("Ana")
    application = make.application(lead)
    others = [make.colleague(name, organisation=lead.membership.organisation) for name in ("Ben", "Chi", "Dee")]
    for person in others:
        make.participant(application, person)
    return application.sections[0].document_id, [lead, *others]


def write_at_once(tabs: list[RemoteTab], words: int = WORDS) -> None:
    for number in range(words):
        for who, tab in enumerate(tabs):
            tab.hear().write(f"{who}.{number} ")


def all_saved(tabs: list[RemoteTab]) -> bool:
    return all(tab.hear().saved == tab.n for tab in tabs)


def all_equal(tabs: list[RemoteTab], words: int) -> bool:
    texts = {tab.text for tab in tabs}
    return len(texts) == 1 and len(texts.pop().split()) == words


def first_word(tab: RemoteTab) -> None:
    """The document is seeded with an empty block: the first to type makes its text."""
    with tab.doc.transaction():
        tab.doc.get("body", type=XmlFragment).children[0].children.append(XmlText("Start "))
    tab.n += 1
    tab.client.emit("edit", {"d": tab.document_id, "n": tab.n, "update": tab.updates.pop()}, namespace="/doc")


def test_people_on_two_processes_converge_and_the_reader_reads_it(servers, team):
    document, people = team
    ways = [("websocket",), ("polling",), ("websocket",), ("polling", "websocket")]
    tabs = [servers.tab(people[0], document, 0)]
    first_word(tabs[0])
    eventually(lambda: all_saved(tabs), "the first word")
    tabs += [servers.tab(person, document, who % 2, *ways[who]) for who, person in enumerate(people) if who]

    write_at_once(tabs)
    eventually(lambda: all_saved(tabs), "every edit to be saved")
    words = 1 + WORDS * len(tabs)
    eventually(lambda: all_equal(tabs, words), "every tab to read the same")
    assert sum(tab.gaps for tab in tabs) == 0, "nobody had to ask again"
    assert [code for tab in tabs for code in tab.refused] == []

    with servers.app.app_context():
        query = sa.select(DocUpdate.seq).where(DocUpdate.doc_id == document).order_by(DocUpdate.seq)
        seqs = list(db.session.scalars(query))
    assert seqs == list(range(1, words + 1))
    fresh = servers.tab(people[0], document, 1)
    assert fresh.text == tabs[0].text
    eventually(lambda: servers.reading(document).text == fresh.text, "the reader")
    assert servers.reading(document).counts["ws"] == words

    names = {"Ana", "Ben", "Chi", "Dee"}
    for tab in tabs:
        eventually(lambda tab=tab: {person["name"] for person in tab.hear().people.values()} == names, "who is here")
    for tab in [*tabs, fresh]:
        tab.client.disconnect()
    assert "Traceback" not in servers.logs(), servers.logs()


def test_without_redis_words_arrive_by_the_log_and_a_lost_right_counts_at_once(servers, team):
    document, people = team
    here, there = servers.tab(people[0], document, 0), servers.tab(people[1], document, 1)
    first_word(here)
    eventually(lambda: there.text == "Start ", "the word from the other process")
    servers.kill("valkey")

    here.write("alone ")
    eventually(lambda: here.hear().saved == 2, "an edit to be saved without Redis")
    eventually(lambda: there.text == "Start alone ", "the word from the log", patience=10)

    with servers.app.app_context():
        removed = sa.update(Participant).where(Participant.user_id == people[1].id).values(removed_at=utcnow())
        db.session.execute(removed)
        actions.rights_changed([document])
        commit()
    there.write("late ")
    eventually(lambda: there.hear().refused, "the refusal")
    assert set(there.refused) == {"gone"}

    servers.start_valkey()
    late = servers.tab(people[2], document, 1)
    late.write("back ")
    eventually(lambda: here.text == "Start alone back ", "the word after Redis is back", patience=15)
    for tab in (here, there, late):
        tab.client.disconnect()


def test_four_hundred_edits_that_waited_on_a_hanging_polling_line_all_arrive(servers, team):
    document, people = team
    first = servers.tab(people[0], document, 0)
    first_word(first)
    eventually(lambda: all_saved([first]), "the first word")
    here, there = servers.tab(people[1], document, 0, "polling"), servers.tab(people[2], document, 1)
    os.kill(servers.worker(0), signal.SIGSTOP)
    for number in range(400):
        here.write(f"{number} ")
    os.kill(servers.worker(0), signal.SIGCONT)

    def is_saved() -> bool:
        here.send_what_is_missing()  # sixty a second, after a burst of two hundred
        return here.saved == 400

    eventually(is_saved, "the edits of the hanging line", patience=30)
    eventually(lambda: there.text == here.text, "the other process")
    assert there.text.split() == ["Start", *map(str, range(400))]
    assert "Traceback" not in servers.logs(), servers.logs()
    for tab in (first, here, there):
        tab.client.disconnect()


def test_a_killed_reader_is_followed_by_one_that_catches_up(servers, team):
    document, people = team
    tab = servers.tab(people[0], document, 0)
    first_word(tab)
    eventually(lambda: servers.reading(document).text == "Start ", "the reader")
    servers.kill("reader")
    tab.write("later ")
    eventually(lambda: all_saved([tab]), "the edit")
    assert servers.reading(document).is_behind
    servers.start_reader()
    eventually(lambda: servers.reading(document).text == "Start later ", "the next reader")
    tab.client.disconnect()


def test_pages_count_who_is_in_a_document_over_all_processes(servers, team):
    document, people = team
    tabs = [servers.tab(person, document, who % 2) for who, person in enumerate(people[:3])]
    engine = servers.app.extensions["collab"]
    engine.is_running = True  # this process asks Redis, as one does whose own tasks run
    try:
        with servers.app.app_context():
            eventually(lambda: presence.here([document]) == {document: 3}, "three people")
            tabs[0].client.disconnect()
            eventually(lambda: presence.here([document]) == {document: 2}, "two people")
    finally:
        engine.is_running = False
        for tab in tabs[1:]:
            tab.client.disconnect()


def test_the_last_tab_of_one_process_is_missed_at_once_by_the_others(servers, team):
    document, people = team
    stays = servers.tab(people[0], document, 0)
    before = set(stays.people)
    leaves = servers.tab(people[1], document, 1)
    eventually(lambda: set(stays.hear().people) - before, "the other person")

    leaves.client.disconnect()

    eventually(
        lambda: set(stays.hear().people) <= before, "the other person being gone", patience=10
    )  # silence takes 30 s
    stays.client.disconnect()
