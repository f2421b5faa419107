"""Who is in a document: named by the server, seen by those in the room, counted for those outside."""

from __future__ import annotations

import pytest

from portal.collab import presence

CARET = {"type": None, "tname": "body", "item": {"client": 5, "clock": 7}, "assoc": -1}


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def ben(make):
    return make.person("Ben")


def people(tab):
    return [data for name, data in tab.hear().events if name == "presence"]


def move(tab, anchor=None, head=None, **more):
    tab.socket.emit("presence", {"d": tab.document_id, "anchor": anchor, "head": head, **more}, namespace="/doc")


def test_a_caret_is_seen_with_the_name_that_the_server_knows(ana, ben, note, tab):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    move(first, CARET, CARET, name="<b>Ben</b>", hue="red", user_id=ben.id)
    [seen] = [person for message in people(second) for person in message["people"] if person["anchor"]]
    assert (seen["me"], seen["name"], seen["user_id"]) == (first.me, "Ana", ana.id)
    assert seen["hue"] in range(1, 9)
    assert seen["anchor"] == {"tname": "body", "item": {"client": 5, "clock": 7}, "assoc": -1}


def test_a_newcomer_sees_who_is_there_and_others_see_them_leave(app, ana, ben, note, tab):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    assert {person["name"] for person in second.answer["people"]} == {"Ana", "Ben"}
    second.socket.disconnect("/doc")
    app.extensions["collab"].presence.flush()
    assert people(first)[-1]["left"] == [second.me]


def test_a_reader_is_a_number_without_a_name(ana, ben, note, tab):
    document = note(writers=[ana], readers=[ben])
    tab(ben, document)
    first = tab(ana, document)
    [reading] = [person for person in first.answer["people"] if person["is_reading"]]
    assert reading.keys() == {"me", "is_reading"}


def test_presence_stays_in_its_document(make, ana, ben, note, tab):
    here, elsewhere = note(writers=[ana]), note(writers=[ben])
    first, other = tab(ana, here), tab(ben, elsewhere)
    other.hear()
    move(first, CARET, CARET)
    first.document_id = elsewhere
    move(first, CARET, CARET)
    assert "Ana" not in str(people(other))


@pytest.mark.parametrize(
    "caret",
    [
        "text",
        7,
        [],
        {"item": "x"},
        {"item": {"client": -1, "clock": 0}},
        {"item": {"client": 1, "clock": 0, "style": "color:red"}},
        {"tname": "<script>" * 20},
        {"tname": 5},
        {"assoc": "left"},
        {"evil": 1},
        {"item": {"client": 2**60, "clock": 0}},
    ],
    ids=str,
)
def test_a_caret_of_the_wrong_shape_goes_nowhere(ana, ben, note, tab, caret):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    second.hear().events.clear()
    answer = first.socket.emit(
        "presence", {"d": document, "anchor": caret, "head": None}, namespace="/doc", callback=True
    )
    assert answer["error"]["code"] == "malformed"
    assert people(second) == []


def test_presence_that_is_too_long_or_not_plain_goes_nowhere(ana, note, tab):
    first = tab(ana, note(writers=[ana]))
    for extra in ("x" * 1_000, b"bytes"):
        message = {"d": first.document_id, "anchor": None, "head": None, "more": extra}
        assert first.socket.emit("presence", message, namespace="/doc", callback=True)["error"]["code"] == "malformed"


def test_a_page_counts_people_not_tabs(app, ana, ben, note, tab):
    document, empty = note(writers=[ana], readers=[ben]), note()
    tab(ana, document)
    tab(ana, document)
    tab(ben, document)
    with app.app_context():
        assert presence.here([document, empty]) == {document: 2, empty: 0}
