"""Freezing and bringing back while people type on two server processes, on PostgreSQL, with a reader of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from pycrdt import Doc, XmlFragment, XmlText

from portal.accounts.models import User
from portal.collab import actions, queries
from portal.collab.models import DocUpdate, DocVersion
from portal.extensions import db
from portal.transaction import commit
from tests.collab.remote import RemoteTab
from tests.collab.servers import Servers, serving
from tests.waiting import eventually

pytestmark = pytest.mark.processes


class Watching(RemoteTab):
    """A tab that keeps what it is told of the document's standing, and begins anew when it is told to."""

    standing = "open"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.client.on("reset", self._keeper("reset"), namespace="/doc")

    def _role(self, data: dict[str, Any]) -> None:
        self.standing = data["standing"]

    def _reset(self, data: dict[str, Any]) -> None:
        self.former, self.key = self.key, f"{self.key[:-1]}{data['epoch']}"
        self.n = self.saved = self.seq = self.epoch = 0
        self.refused.clear()
        self.doc = Doc()
        self._watching = self.doc.observe(lambda event: self.updates.append(event.update))
        self.open(-1)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("f"), "freezing", servers=2) as running:
        # Whoever freezes or restores here tells the servers, as one of them would.
        running.app.extensions["collab"].with_tasks = True
        yield running


@pytest.fixture
def typing(servers: Servers) -> Iterator[Callable[[], tuple[int, User, list[Watching]]]]:
    """A section's text, its lead, and two people who have it open on two processes."""
    opened: list[Watching] = []

    def begun() -> tuple[int, User, list[Watching]]:
        lead = servers.make.leader("Ana")
        application = servers.make.application(lead)
        ben = servers.make.colleague("Ben", organisation=lead.membership.organisation)
        servers.make.participant(application, ben)
        document = application.sections[0].document_id
        for number, person in enumerate((lead, ben)):
            cookie = servers.cookie_of(person)
            opened.append(Watching(servers.address(number), cookie, document, transports=["websocket"]))
        first_word(opened[0])
        eventually(lambda: all(tab.text == "Start " for tab in opened), "the first word")
        return document, lead, opened

    yield begun
    for tab in opened:
        tab.client.disconnect()


def first_word(tab: RemoteTab) -> None:
    with tab.doc.transaction():
        tab.doc.get("body", type=XmlFragment).children[0].children.append(XmlText("Start "))
    tab.n += 1
    tab.client.emit("edit", {"d": tab.document_id, "n": tab.n, "update": tab.updates.pop()}, namespace="/doc")


def is_settled(tab: RemoteTab) -> bool:
    return bool(tab.hear().refused) or tab.saved == tab.n


def version_of(servers: Servers, document: int, kind: str) -> DocVersion:
    with servers.app.app_context():
        return db.session.query(DocVersion).filter_by(doc_id=document, kind=kind).one()


def last_seq(servers: Servers, document: int) -> int:
    with servers.app.app_context():
        return db.session.scalar(sa.select(sa.func.max(DocUpdate.seq)).where(DocUpdate.doc_id == document)) or 0


@pytest.mark.parametrize("after", [5, 12, 20])
def test_everything_acknowledged_is_in_the_frozen_version_and_nothing_after_it_is_taken(servers, typing, after):
    document, lead, tabs = typing()
    for number in range(30):
        for who, tab in enumerate(tabs):
            tab.hear().write(f"{who}.{number} ")
        if number == after:
            with servers.app.app_context():
                actions.freeze(document, by=lead)
                commit()
    eventually(lambda: all(is_settled(tab) for tab in tabs), "an answer to every edit")

    assert all(set(tab.refused) == {"locked"} for tab in tabs), [tab.refused for tab in tabs]
    eventually(lambda: version_of(servers, document, "frozen").read_at is not None, "the reader")
    version = version_of(servers, document, "frozen")
    saved = {f"{who}.{n} ".strip() for who, tab in enumerate(tabs) for n in range(tab.saved - (1 - who))}
    assert set(version.text.split()) == {"Start"} | saved
    assert last_seq(servers, document) == version.seq
    eventually(lambda: all(tab.hear().standing == "frozen" for tab in tabs), "tabs that say so")
    assert "Traceback" not in servers.logs(), servers.logs()


def test_a_restored_text_reaches_the_tabs_of_every_process_and_no_late_word_enters(servers, typing):
    document, lead, tabs = typing()
    with servers.app.app_context():
        actions.keep_version(document, "named", name="First")
        commit()
    eventually(lambda: version_of(servers, document, "named").read_at is not None, "the reader")
    for epoch in (2, 3):
        for number in range(10):
            for who, tab in enumerate(tabs):
                tab.hear().write(f"{who}.{number} ")
        with servers.app.app_context():
            actions.restore(db.session.query(DocVersion).filter_by(doc_id=document, kind="named").one(), by=lead)
            commit()
        for tab in tabs:  # nobody has heard yet: on the former text
            tab.write("late ")
        eventually(lambda epoch=epoch: all(tab.hear().epoch == epoch for tab in tabs), "the news", patience=3)
        assert [tab.text for tab in tabs] == ["Start ", "Start "]

    tabs[1].write("again ")
    eventually(lambda: tabs[0].text == "Start again ", "the next word, on the other process")
    fresh = servers.tab(lead, document, 0)
    assert fresh.text == "Start again "
    eventually(lambda: servers.reading(document).text == "Start again ", "the reader")
    fresh.client.disconnect()
    assert "Traceback" not in servers.logs(), servers.logs()


def test_without_redis_the_sweep_brings_the_news(servers, typing):
    document, lead, tabs = typing()
    with servers.app.app_context():
        actions.keep_version(document, "named", name="First")
        commit()
    eventually(lambda: version_of(servers, document, "named").read_at is not None, "the reader")
    servers.kill("valkey")
    try:
        with servers.app.app_context():
            actions.restore(db.session.query(DocVersion).filter_by(doc_id=document, kind="named").one(), by=lead)
            commit()
        tabs[0].write("late ")
        eventually(lambda: all(tab.hear().epoch == 2 for tab in tabs), "the news", patience=12)
        assert [tab.text for tab in tabs] == ["Start ", "Start "]
        with servers.app.app_context():
            assert queries.standing([document])[document].state == "open"
    finally:
        servers.start_valkey()
