"""Two server processes and a reader: one tab sends what ends the reading, and five seconds later nobody knows of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pycrdt import Doc, XmlFragment, XmlText

from portal.collab.applying import clocks
from portal.collab.models import DocQuarantine
from portal.collab.updates import check_update
from portal.extensions import db
from tests.collab.remote import RemoteTab
from tests.collab.servers import Servers, serving
from tests.waiting import eventually

pytestmark = pytest.mark.processes

STRING = 4  # Yjs's number of that content


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("s"), "poison", servers=2) as running:
        yield running


def varint(number: int) -> bytes:
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])


def text_in_a_letter(tab: RemoteTab) -> bytes:
    """Well-formed, and impossible: a text whose parent is a letter of another text."""
    client = tab.doc.client_id
    clock = clocks(tab.doc.get_state())[client]
    parent = b"\x00" + varint(client) + varint(clock - 1)
    return b"\x01\x01" + varint(client) + varint(clock) + bytes([STRING]) + parent + b"\x01x" + b"\x00"


def sent(tab: RemoteTab, update: bytes) -> None:
    tab.n += 1
    tab.sent[tab.n] = update
    tab.send(tab.n)


def begun(tab: RemoteTab, text: str) -> None:
    """The first words of an empty text."""
    with tab.doc.transaction():
        tab.doc.get("body", type=XmlFragment).children[0].children.append(XmlText(text))
    sent(tab, tab.updates.pop())


def heard(tab: RemoteTab) -> list[str]:
    """What it was sent, without taking it in: that is what hurts."""
    return [event for event, _ in list(tab.inbox.queue)]


def test_a_text_that_was_poisoned_is_read_and_written_on_by_everybody_else(servers: Servers) -> None:
    make = servers.make
    ana = make.leader("Ana")
    application = make.application(ana)
    eve = make.colleague("Eve", organisation=ana.membership.organisation)
    make.participant(application, eve)
    document = application.sections[0].document_id

    writer, attacker = servers.tab(ana, document, 0), servers.tab(eve, document, 1)
    for tab in (writer, attacker):
        tab.client.on("reset", lambda data, tab=tab: tab.inbox.put(("reset", data)), namespace="/doc")
    begun(writer, "Ana writes. ")
    eventually(lambda: "Ana" in attacker.text, "Ana's words")
    attacker.write("Eve too. ")
    eventually(lambda: "Eve" in writer.text, "Eve's words")
    bad = text_in_a_letter(attacker)
    assert check_update(bad), "the gate lets it through"
    applied = Doc()
    applied.apply_update(attacker.doc.get_update())
    with pytest.raises(BaseException, match="must be deleted or shared ref type"):
        applied.apply_update(bad)

    sent(attacker, bad)
    eventually(lambda: "edits" in heard(writer), "the relayed poison")
    eventually(lambda: "reset" in heard(writer) and "reset" in heard(attacker), "the new beginning, on both processes")

    again = servers.tab(ana, document, 0)
    assert (again.epoch, again.text) == (2, "Ana writes. Eve too. ")
    other = servers.tab(eve, document, 1)
    again.write("And on.")
    eventually(lambda: "And on." in other.text and again.hear().saved, "what is written afterwards")
    eventually(lambda: servers.reading(document).text == again.text, "the reading")
    with servers.app.app_context():
        [kept] = db.session.scalars(sa.select(DocQuarantine))
        assert (kept.user_id, kept.body) == (eve.id, bad)
    for tab in (writer, attacker, again, other):
        tab.client.disconnect()
    assert servers.logs().count("updates_quarantined") == 1
