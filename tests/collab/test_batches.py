"""More people in a text than hear at once: viewers past the live places get batches, and who writes never waits."""

from __future__ import annotations

import pytest

PLACES = 3


@pytest.fixture
def viewers(make):
    return [make.person(f"Viewer {number}") for number in range(4)]


@pytest.fixture
def full(make, note, tab, monkeypatch, viewers):
    """A text with a writer and two viewers live, and two viewers past the places: (writer, live, waiting)."""
    monkeypatch.setattr("portal.collab.rooms.MAX_LIVE", PLACES)
    ana = make.person("Ana")
    document = note("Start", writers=[ana], readers=viewers)
    writer, *tabs = [tab(person, document) for person in (ana, *viewers)]
    return writer, tabs[:2], tabs[2:]


def stretches(tab):
    return [(data["from_seq"], data["to_seq"]) for name, data in tab.hear().events if name == "edits"]


def batch(app):
    """What the presence task does once a second."""
    app.extensions["collab"].presence.flush_batches()


def test_viewers_past_the_places_get_what_was_written_in_one_event(app, full):
    writer, live, waiting = full
    for word in (" one", " two", " three"):
        writer.write(word)
    assert [stretches(tab) for tab in (writer, *live)] == [[(1, 1), (2, 2), (3, 3)]] * 3
    assert [stretches(tab) for tab in waiting] == [[], []]
    batch(app)
    assert [stretches(tab) for tab in waiting] == [[(1, 3)], [(1, 3)]]
    batch(app)
    assert [stretches(tab) for tab in waiting] == [[(1, 3)], [(1, 3)]], "once"
    assert {tab.text for tab in (writer, *live, *waiting)} == {"Start one two three"}


def test_who_comes_in_the_middle_of_a_batch_loses_nothing_and_hears_nothing_twice(app, make, full, rights, tab):
    writer, _live, waiting = full
    writer.write(" one")
    late = make.person("Late")
    rights.give(late, writer.document_id, "read")
    newcomer = tab(late, writer.document_id)
    assert newcomer.text == "Start one"
    writer.write(" two")
    batch(app)
    assert newcomer.text == waiting[0].text == "Start one two"


def test_a_free_place_is_taken_by_who_waits_longest_after_what_was_kept(app, full):
    writer, live, waiting = full
    writer.write(" one")
    live[0].socket.disconnect("/doc")
    assert stretches(waiting[0]) == []
    batch(app)
    writer.write(" two")
    assert stretches(waiting[0]) == [(1, 1), (2, 2)]
    assert stretches(waiting[1]) == [(1, 1)]
    batch(app)
    assert waiting[1].text == waiting[0].text == "Start one two"


def test_whoever_writes_is_live_however_many_are_there(app, make, full, rights, tab):
    writer, _live, waiting = full
    ben = make.person("Ben")
    rights.give(ben, writer.document_id, "write")
    late = tab(ben, writer.document_id)
    writer.write(" one")
    assert stretches(late) == [(1, 1)]
    late.write(" two")
    assert late.hear().saved
    assert stretches(waiting[0]) == []


def test_a_viewer_who_may_write_from_now_on_is_live_from_now_on(full, rights, viewers):
    writer, _live, waiting = full
    writer.write(" one")
    rights.change(viewers[3], writer.document_id, "write")
    writer.write(" two")
    assert stretches(waiting[1]) == [(1, 1), (2, 2)]
    assert stretches(waiting[0]) == [(1, 1)]


def test_a_new_beginning_is_told_to_everybody_and_nothing_kept_reaches_the_next(app, full):
    writer, live, waiting = full
    writer.write(" of the former text")
    room = app.extensions["collab"].rooms.get(writer.document_id)
    app.extensions["collab"].renew(room, 1, 2)
    batch(app)
    assert [tab.names()[-1] for tab in (writer, *live, *waiting)] == ["reset"] * 5
    assert [stretches(tab) for tab in waiting] == [[], []]


def test_what_was_kept_of_a_log_that_a_backup_made_shorter_is_let_go(app, full):
    writer, _live, waiting = full
    writer.write(" one")
    app.extensions["collab"].rooms.get(writer.document_id).rewind(0)
    writer.write(" two")
    batch(app)
    assert stretches(waiting[0]) == [(1, 2)]
    assert waiting[0].text == "Start one two"


def test_carets_come_to_viewers_past_the_places_in_batches(app, full):
    writer, live, waiting = full
    app.extensions["collab"].presence.flush()
    batch(app)
    for tab in (*live, *waiting):
        tab.hear().events.clear()
    for clock in range(3):
        caret = {"tname": "body", "item": {"client": 5, "clock": clock}, "assoc": 0}
        writer.socket.emit("presence", {"d": writer.document_id, "anchor": caret, "head": caret}, namespace="/doc")
    assert [name for name in live[0].names() if name == "presence"] == ["presence"] * 3
    assert waiting[0].names() == []
    batch(app)
    [(name, data)] = waiting[0].hear().events
    [person] = data["people"]
    assert (name, person["name"], person["head"]["item"]["clock"]) == ("presence", "Ana", 2)
    writer.socket.disconnect("/doc")
    app.extensions["collab"].presence.flush()
    batch(app)
    assert waiting[0].hear().events[-1][1]["left"] == [writer.me]
