"""A version is brought back: everybody begins anew, and nothing that was made on the former text enters."""

from __future__ import annotations

import pytest

from portal.collab import actions, reader
from portal.collab.log import updates_after
from portal.collab.models import DocAuthor, DocHead, DocState, DocVersion
from portal.collab.rooms import Stretch
from portal.extensions import db
from portal.transaction import commit, rollback


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def ben(make):
    return make.person("Ben")


def keep(app, document, name="Before") -> int:
    """A named version that the reader has read."""
    with app.app_context():
        version = actions.keep_version(document, "named", name=name).id
        commit()
        reader.read_versions()
    return version


def restore(app, version, by) -> None:
    with app.app_context():
        actions.restore(db.session.get(DocVersion, version), by=by)
        commit()


def head_of(app, document):
    with app.app_context():
        return db.session.query(DocHead.seq, DocHead.epoch, DocHead.size).filter_by(doc_id=document).one()


def test_a_restored_version_is_what_everybody_reads_and_writes_on(app, ana, ben, note, tab):
    document = note("Vision", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write(" of care")
    version = keep(app, document)
    second.hear().write(", spoilt")
    restore(app, version, ana)

    for each in (first, second):
        assert each.hear().events[-1] == ("reset", {"d": document, "epoch": 2})
        each.begin_anew()
        assert (each.text, each.epoch, each.seq) == ("Vision of care", 2, 2)
    first.write(" again")
    assert second.text == "Vision of care again"
    assert head_of(app, document).seq == 3, "the log goes on where it was"


def test_what_was_typed_on_the_former_text_is_never_appended(app, ana, ben, note, tab, log_of):
    document = note("Vision", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write(" of care")
    version = keep(app, document)
    late = second.hear().typed(" late")
    restore(app, version, ana)

    second.send(late)
    assert second.hear().refused[-1]["code"] == "gone"
    assert second.open()["epoch"] == 2, "it says what it had, and is told of another"
    second.send(late, n=1)
    assert second.hear().refused[-1]["code"] == "gone", "a tab that does not look at the answer"
    assert [row.seq for row in log_of(document)] == [1]
    second.begin_anew()
    second.write(" and on")
    assert second.hear().saved[-1] == {"d": document, "n": 1, "seq": 2}


def test_a_writer_that_has_not_heard_of_the_new_epoch_refuses_its_edits(app, ana, note, tab, log_of):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    version = keep(app, document)
    engine = app.extensions["collab"]
    room = engine.rooms.get(document)
    [line] = room.lines.values()
    with app.app_context():
        actions.restore(db.session.get(DocVersion, version), by=ana)
        db.session.commit()  # what waits for it stays in this process: Redis is away
        rollback()
    assert (line.epoch, room.epoch) == (1, 1)
    first.write(" late")
    assert first.hear().refused[-1]["code"] == "gone"
    assert log_of(document) == []
    assert "reset" not in first.names()
    engine.relay.sweep()
    assert first.hear().events[-1] == ("reset", {"d": document, "epoch": 2})


def test_stretches_of_the_former_epoch_are_not_sent_and_one_of_the_next_waits(app, ana, ben, note, tab):
    document = note("Vision", writers=[ana, ben])
    writer, behind = tab(ana, document), tab(ben, document)
    version = keep(app, document)
    writer.write(" one")
    with app.app_context():
        [former] = updates_after(document, 0)
    restore(app, version, ana)
    behind.begin_anew().events.clear()
    engine = app.extensions["collab"]
    engine.relay.offer(engine.rooms.get(document), Stretch(1, (former,), 1))
    engine.relay.offer(engine.rooms.get(document), Stretch(2, (former,), 1))
    assert behind.text == "Vision"
    assert "edits" not in behind.names()

    # Of the next epoch, before this process has heard that it began: it looks, and everybody begins anew.
    with app.app_context():
        actions.restore(db.session.get(DocVersion, version), by=ana)
        db.session.commit()
        rollback()
    engine.relay.offer(engine.rooms.get(document), Stretch(2, (former,), 3))
    assert behind.hear().events[-1] == ("reset", {"d": document, "epoch": 3})
    assert "edits" not in behind.names()


def test_whoever_opens_first_brings_the_news_to_the_others(app, ana, ben, note, tab):
    document = note("Vision", writers=[ana, ben])
    first = tab(ana, document)
    version = keep(app, document)
    with app.app_context():
        actions.restore(db.session.get(DocVersion, version), by=ana)
        db.session.commit()
        rollback()
    assert tab(ben, document).epoch == 2
    assert first.hear().events[-1] == ("reset", {"d": document, "epoch": 2})
    first.begin_anew()
    first.write("!")
    assert first.hear().saved


def test_the_text_that_was_replaced_is_kept_as_a_version(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    version = keep(app, document)
    tab(ana, document).write(", changed")
    restore(app, version, ana)
    with app.app_context():
        reader.read_versions()
        replaced = db.session.query(DocVersion).filter_by(doc_id=document, kind="replaced").one()
        assert (replaced.text, replaced.user_id, replaced.seq, replaced.epoch) == ("Vision, changed", ana.id, 1, 1)
        state = db.session.get(DocState, document)
        assert (state.text, state.read_seq, state.seq, state.epoch) == ("Vision", 1, 1, 2)
        assert state.counts == {"ws": 1, "chars": 6}
        size = len(state.body)
    assert head_of(app, document).size == size
    restore(app, replaced.id, ana)
    assert tab(ana, document).text == "Vision, changed"


def test_who_wrote_what_stays_known(app, ana, ben, note, tab):
    document = note("Vision", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write(" of care")
    version = keep(app, document)
    restore(app, version, ben)
    with app.app_context():
        assert db.session.get(DocAuthor, (document, first.doc.client_id)).user_id == ana.id
    second.begin_anew()
    forged = first.typed(" by Ana")
    second.send(forged)
    assert second.hear().refused[-1]["code"] == "malformed"


def test_a_version_that_was_not_read_or_a_frozen_text_is_not_touched(app, ana, note):
    document = note("Vision", writers=[ana])
    with app.app_context():
        unread = actions.keep_version(document, "named")
        with pytest.raises(actions.UnreadError):
            actions.restore(unread, by=ana)
        rollback()
    version = keep(app, document)
    with app.app_context():
        actions.freeze(document, by=ana)
        commit()
        with pytest.raises(actions.FrozenError):
            actions.restore(db.session.get(DocVersion, version), by=ana)
    assert head_of(app, document).epoch == 1


def test_a_restore_that_is_rolled_back_reaches_nobody(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    version = keep(app, document)
    with app.app_context():
        actions.restore(db.session.get(DocVersion, version), by=ana)
        rollback()
    assert "reset" not in first.names()
    first.write("!")
    assert first.hear().saved


def test_open_tabs_hear_who_left_and_carets_of_the_former_text_are_forgotten(app, ana, ben, note, tab):
    document = note("Vision", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    version = keep(app, document)
    restore(app, version, ana)
    assert app.extensions["collab"].rooms.get(document) is None
    first.begin_anew()
    assert [person["me"] for person in first.answer["people"]] == [first.me]
    second.begin_anew()
    assert {person["me"] for person in second.answer["people"]} == {first.me, second.me}


def test_the_state_by_http_is_the_new_one(app, ana, note, tab, sign_in):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    version = keep(app, document)
    first.write(" gone")
    restore(app, version, ana)
    page = sign_in(ana).get(f"/documents/{document}/state?since=1&epoch=1")
    assert (page.headers["Portal-Seq"], page.headers["Portal-Epoch"]) == ("1", "2")
    first.begin_anew(since=1, epoch=1)
    assert first.text == "Vision", "what somebody has of another epoch counts for nothing"


def test_who_reads_a_restored_text_is_not_sent_the_log_of_what_it_replaced(app, ana, ben, note, tab, sign_in):
    document = note("Vision", writers=[ana], readers=[ben])
    first = tab(ana, document)
    version = keep(app, document)
    first.write(" that nobody is to see")
    restore(app, version, ana)
    first.begin_anew().write(" of care")

    for since in (0, 1):
        page = sign_in(ben).get(f"/documents/{document}/state?since={since}&epoch=2")
        assert (b"of care" in page.data, b"nobody is to see" in page.data) == (True, False)
        body = tab(ben, document, since=since, epoch=2).answer["body"]
        assert (b"of care" in body, b"nobody is to see" in body) == (True, False)
