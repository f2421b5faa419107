"""The reader's process: what stands in the log becomes text, HTML and counts, once, whatever happens to it."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from pycrdt import Doc, Text

from portal.clock import utcnow
from portal.collab import actions, queries, reader, signals
from portal.collab.applying import Applied, ApplyError, apply, in_child, is_pending
from portal.collab.models import DocHead, DocState, DocUpdate
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


def read_now(app, **options) -> int:
    with app.app_context():
        return reader.read_due(now_please=True, **options)


def reading_of(app, document):
    with app.app_context():
        return queries.readings([document])[document]


def state_of(app, document):
    with app.app_context():
        return db.session.query(DocState.seq, DocState.read_seq, DocState.body).filter_by(doc_id=document).one()


def age(app, document, **delta):
    """As if the document had rested that long."""
    with app.app_context():
        moment = utcnow() - timedelta(**delta)
        db.session.query(DocHead).filter_by(doc_id=document).update({"edited_at": moment})
        db.session.query(DocUpdate).filter_by(doc_id=document).update({"at": moment})
        commit()


def test_a_new_document_can_be_read_at_once(app, note):
    document = note("Vision", "of <care>")
    reading = reading_of(app, document)
    assert reading.text == "Vision\nof <care>"
    assert reading.html == '<p dir="auto">Vision</p><p dir="auto">of &lt;care&gt;</p>'
    assert reading.markdown == "Vision\n\nof <care>".replace("<c", "\\<c")
    assert reading.counts == {"ws": 3, "chars": 16}
    assert not reading.is_behind
    assert reading_of(app, note()).markdown == ""
    assert reading_of(app, note()).html == '<p dir="auto"></p>'


def test_a_block_of_an_unknown_kind_is_not_seeded(app):
    with app.app_context(), pytest.raises(ValueError, match="no such kind"):
        actions.create_document("note", [("h1", "Title")])


def test_what_was_typed_is_read_once(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    tab(ana, document).write(" of care")
    assert reading_of(app, document).is_behind
    heard = []

    def hear(_sender, document_id, counts):
        heard.append((document_id, counts["ws"]))

    with signals.document_read.connected_to(hear):
        assert read_now(app) == 1
        assert read_now(app) == 0
    assert heard == [(document, 3)]
    assert reading_of(app, document).text == reading_of(app, document).markdown == "Vision of care"
    assert not reading_of(app, document).is_behind


def test_a_document_is_read_when_its_writer_pauses_and_at_latest_after_five_seconds(app, ana, note, tab):
    document = note(writers=[ana])
    first = tab(ana, document)
    first.write("one")
    with app.app_context():
        assert reader.read_due() == 0, "still typing"
    age(app, document, seconds=1)
    with app.app_context():
        assert reader.read_due() == 1
    first.write(" two")
    age(app, document, seconds=6)
    first.write(" three")  # a moment ago, but the one before it has waited long enough
    with app.app_context():
        assert reader.read_due() == 1
    assert reading_of(app, document).text == "one two three"


def test_a_page_waits_for_the_reader_and_then_shows_the_last_reading(app, ana, note, tab, monkeypatch):
    document = note("Old", writers=[ana])
    tab(ana, document).write(" and new")
    monkeypatch.setattr("portal.collab.queries.texts.WAIT_SECONDS", 0.1)
    with app.app_context():
        reading = queries.reading(document)
        assert (reading.text, reading.is_behind) == ("Old", True)
        assert queries.reading(document + 1) is None
    read_now(app)
    with app.app_context():
        assert queries.reading(document).text == "Old and new"


def test_many_readings_are_one_statement(app, note, statements):
    documents = [note(f"Text {number}") for number in range(5)]
    with app.app_context(), statements() as seen:
        assert len(queries.readings(documents)) == 5
    assert len(seen) == 1


def test_a_quiet_document_is_squashed_and_says_the_same(app, ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    for number in range(5):
        first.write(f" {number}")
    read_now(app)
    assert state_of(app, document).seq == 0
    age(app, document, seconds=61)
    read_now(app)
    assert state_of(app, document).seq == 5
    assert state_of(app, document).read_seq == 5
    assert tab(ana, document).text == "Start 0 1 2 3 4"
    assert tab(ana, document, since=0, epoch=1).answer["seq"] == 5, "the log is kept"
    with app.app_context():
        size = db.session.query(DocHead.size).filter_by(doc_id=document).scalar()
    assert size == len(state_of(app, document).body)
    first.write(" more")
    assert tab(ana, document).text == "Start 0 1 2 3 4 more"


def test_a_long_tail_is_squashed_while_people_write(app, ana, note, tab, monkeypatch):
    monkeypatch.setattr("portal.collab.reader.due.SQUASH_TAIL", 3)
    document = note(writers=[ana])
    first = tab(ana, document)
    for number in range(4):
        first.write(f"{number} ")
    with app.app_context():
        reader.read_due()
    assert state_of(app, document).seq == 4


def test_a_document_of_many_tabs_is_squashed():
    """Their clocks come in any order from the CRDT's hash table."""
    updates = []
    for number in range(40):
        doc = Doc()
        text = doc.get("body2", type=Text)
        text += str(number)
        updates.append(doc.get_update())
    assert apply(Doc().get_update(), updates, True).state is not None


def test_what_waits_for_a_missing_update_is_not_squashed_away():
    doc, updates = Doc(), []
    text = doc.get("body2", type=Text)
    watching = doc.observe(lambda event: updates.append(event.update))
    text += "one "
    text += "two "
    text += "three"
    assert watching
    empty = Doc().get_update()
    assert apply(empty, [updates[0], updates[2]], True).state is None
    assert apply(empty, updates, True).state is not None


def test_a_deletion_of_something_unseen_is_pending():
    doc, updates = Doc(), []
    text = doc.get("body2", type=Text)
    watching = doc.observe(lambda event: updates.append(event.update))
    text += "one two"
    del text[0:4]
    assert watching
    other = Doc()
    assert is_pending(updates[1], other.get_state())
    assert not is_pending(updates[1], doc.get_state())


def test_two_readers_do_no_harm(app, ana, note, tab):
    """The second loaded before the first stored: what it stores later is not newer, and changes nothing."""
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    due = reader.Due(document, wants_state=True)
    heard = []

    def late(state, tail, wants_state):
        reader.read_document(due)  # another reader was quicker
        return apply(state, tail, wants_state)

    def hear(_sender, document_id, counts):
        heard.append(document_id)

    with signals.document_read.connected_to(hear), app.app_context():
        reader.read_document(due, apply=late)
    assert heard == [document]
    assert state_of(app, document).seq == 1
    assert reading_of(app, document).text == "Start words"


def test_a_reader_that_dies_half_way_is_followed_by_one_that_finishes(app, ana, note, tab):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")

    def dies(*_):
        raise SystemExit

    with app.app_context(), pytest.raises(SystemExit):
        reader.read_due(now_please=True, apply=dies)
    assert reading_of(app, document).is_behind
    assert read_now(app) == 1
    assert reading_of(app, document).text == "Start words"


def test_one_bad_document_does_not_keep_the_others_waiting(app, ana, note, tab):
    bad, good = note(writers=[ana]), note(writers=[ana])
    tab(ana, bad).write("bad")
    tab(ana, good).write("good")
    tried = []

    def fails_on_the_first(state, tail, wants_state) -> Applied:
        tried.append(1)
        if len(tried) == 1:
            raise ApplyError("poison")
        return apply(state, tail, wants_state)

    setbacks = reader.Setbacks()
    assert read_now(app, apply=fails_on_the_first, setbacks=setbacks) == 1
    assert reading_of(app, good).text == "good"
    assert setbacks.blocks(bad), "it is left alone for a while"
    assert read_now(app, apply=fails_on_the_first, setbacks=setbacks) == 0
    assert reading_of(app, bad).is_behind


def test_a_child_reads_as_its_parent_would(app, ana, note, tab):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    assert read_now(app, apply=in_child) == 1
    assert reading_of(app, document).text == "Start words"


def test_a_child_that_is_killed_or_fails_takes_nobody_along(monkeypatch):
    def killed(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("portal.collab.applying.apply", killed)
    with pytest.raises(ApplyError, match="died"):
        in_child(b"", [], False)
    monkeypatch.undo()
    with pytest.raises(ApplyError, match="Error"):
        in_child(b"\x01\x02", [], False)


def test_a_reader_says_that_it_lives(app):
    rounds = iter((False, True))
    reader.run(app, is_stopped=lambda: next(rounds))
    assert 0 < app.extensions["redis"].ttl("portal:alive:reader") <= 60


def test_a_reading_says_how_its_document_stands_in_the_same_statement(app, ana, note, statements):
    frozen, failed, free = note("A"), note("B"), note("C")
    with app.app_context():
        actions.freeze(frozen, by=ana)
        db.session.query(DocState).filter_by(doc_id=failed).update({"failed_at": utcnow()})
        commit()
    with app.app_context(), statements() as seen:
        stands = {key: reading.standing for key, reading in queries.readings([frozen, failed, free]).items()}
    assert len(seen) == 1
    assert {key: standing.state for key, standing in stands.items()} == {
        frozen: "freezing",
        failed: "unreadable",
        free: "open",
    }
    assert stands[frozen].by_id == ana.id
    with app.app_context():
        assert queries.standing([frozen, failed, free]) == stands
