"""Two server processes, a reader, one Valkey, PostgreSQL: people on different processes write one text."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from pycrdt import XmlFragment, XmlText

from launcher import valkey
from launcher.environment import ROOT
from portal import create_app, migrating
from portal.accounts.actions import start_session
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import User
from portal.applications.models import Participant
from portal.clock import utcnow
from portal.collab import actions, presence, queries
from portal.collab.models import DocUpdate
from portal.config import Settings
from portal.extensions import db
from portal.transaction import commit
from tests import services
from tests.builders import Make
from tests.collab.remote import RemoteTab
from tests.stack import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.processes

SECRET = "0" * 32
WORDS = 30


@dataclass
class Servers:
    """Real processes on one database; `app` is the same portal in the test's own process, without sockets."""

    app: Flask
    folder: Path
    ports: list[int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.make = Make(self.app)

    def start(self, name: str, *arguments: str, port: int) -> None:
        settings = self.app.extensions["settings"]
        environment = {
            **os.environ,
            "PORTAL_ENV": "development",
            "PORTAL_INSTANCE": str(self.folder),
            "PORTAL_PORT": str(port),
            "PORTAL_ORIGIN": "",
            "SECRET_KEY": SECRET,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
        }
        with (self.folder / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def start_server(self, number: int) -> None:
        bind = f"127.0.0.1:{self.ports[number]}"
        arguments = ("gunicorn", "--config", "deploy/gunicorn.py", "--bind", bind, "wsgi:app")
        self.start(f"server-{number}", *arguments, port=self.ports[number])

    def start_reader(self) -> None:
        self.start("reader", "flask", "--app", "wsgi", "reader", port=self.ports[0])

    def start_valkey(self) -> None:
        self.processes["valkey"] = valkey.start(self.folder)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def address(self, number: int) -> str:
        return f"http://localhost:{self.ports[number]}"

    def is_alive(self, number: int) -> bool:
        assert self.processes[f"server-{number}"].poll() is None, self.logs()
        try:
            return requests.get(f"{self.address(number)}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def cookie_of(self, user: User) -> str:
        """The cookie of a browser in which this person has just signed in."""
        with self.app.app_context():
            session, secret = start_session(db.session.get_one(User, user.id), own_device=False, agent="test")
            value = {COOKIE_KEY: f"{session.id}.{secret}"}
            commit()
            signer = self.app.session_interface.get_signing_serializer(self.app)
        return f"portal={signer.dumps(value)}"

    def tab(self, user: User, document_id: int, number: int, *transports: str) -> RemoteTab:
        cookie = self.cookie_of(user)
        return RemoteTab(self.address(number), cookie, document_id, transports=list(transports or ("websocket",)))

    def reading(self, document_id: int) -> queries.Reading:
        with self.app.app_context():
            return queries.readings([document_id])[document_id]

    def logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')}" for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("s")
    with services.postgres() as server:
        app = create_app(
            Settings(
                environment="testing",
                instance=folder,
                origin="http://localhost:8450",
                secret_key=SECRET,
                database_url=services.fresh_database(server, "two_processes"),
                redis_url=f"unix://{folder / 'valkey.sock'}",
                mail_url="memory:",
                argon2_memory_kib=8192,
            )
        )
        running = Servers(app, folder, [free_port(), free_port()])
        try:
            running.start_valkey()
            with app.app_context():
                migrating.bind(app)
                migrating.upgrade()
            for number in range(2):
                running.start_server(number)
            running.start_reader()
            for number in range(2):
                eventually(lambda number=number: running.is_alive(number), "the server")
            yield running
        finally:
            running.stop()
            with app.app_context():
                db.engine.dispose()


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
    parent = servers.processes["server-0"].pid
    [worker] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    os.kill(int(worker), signal.SIGSTOP)
    for number in range(400):
        here.write(f"{number} ")
    os.kill(int(worker), signal.SIGCONT)

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
