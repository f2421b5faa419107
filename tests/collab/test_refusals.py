"""What is not taken into a document, and that a refusal is said, holds, and harms nobody else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pycrdt import Doc, Text, merge_updates

from portal.accounts.models import AuthSession
from portal.clock import utcnow
from portal.collab import actions
from portal.collab.models import DocAuthor, DocHead
from portal.collab.protocol import MAX_UPDATE
from portal.extensions import db
from portal.live import disconnect_session
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def ben(make):
    return make.person("Ben")


def codes(tab):
    return [answer["code"] for answer in tab.hear().refused]


def test_a_stranger_and_an_unknown_document_get_the_same_answer(ana, ben, note, tab):
    document = note(writers=[ana])
    foreign, unknown = tab(ben, document).answer, tab(ben, document + 1).answer
    assert foreign == unknown
    assert foreign["error"]["code"] == "not_found"


def test_an_edit_into_a_document_that_is_not_open_here_is_refused(ana, ben, note, tab, log_of):
    hers, his = note(writers=[ana]), note(writers=[ben])
    second = tab(ben, his)
    second.document_id = hers
    second.write("intruding")
    assert codes(second) == ["gone"]
    assert log_of(hers) == []


def test_a_reader_cannot_write_and_the_next_edit_is_refused_too(ana, ben, note, tab, log_of):
    document = note(writers=[ana], readers=[ben])
    writer, reader = tab(ana, document), tab(ben, document)
    assert reader.answer["role"] == "read"
    reader.write("may I")
    reader.write("please")
    assert codes(reader) == ["read_only", "read_only"]
    assert log_of(document) == []
    assert "edits" not in writer.names()


def test_after_a_refusal_nothing_is_taken_until_the_tab_opens_anew(ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    first.send(b"nonsense")
    first.write("good")
    assert codes(first) == ["malformed", "malformed"]
    assert first.saved == []
    assert first.open()["ok"]
    first.n = 0
    first.doc = Doc()
    fresh = tab(ana, document)
    fresh.write("good")
    assert fresh.hear().saved[-1]["n"] == 1
    assert len(log_of(document)) == 1


def test_a_right_lost_between_typing_and_storing_counts(ana, note, tab, rights, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    rights.give(ana, document, "read")  # the commit that changes it has not been announced yet
    first.write("late")
    assert codes(first) == ["read_only"]
    assert log_of(document) == []


def test_who_loses_the_right_to_see_is_put_out_and_hears_nothing_more(ana, ben, note, tab, rights):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    rights.change(ben, document, "none")
    assert second.hear().refused == [
        {"d": document, "n": 0, "code": "gone", "message": "This text is not open to you any more."}
    ]
    first.write("among us")
    assert "edits" not in second.names()
    second.write("still here?")
    assert codes(second)[-1] == "gone"
    assert second.open()["error"]["code"] == "not_found"


def test_who_becomes_a_reader_is_told_and_who_keeps_the_right_is_not_disturbed(ana, ben, note, tab, rights):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    rights.change(ben, document, "read")
    told = {"d": document, "role": "read", "standing": "open"}
    assert [data for name, data in second.hear().events if name == "role"] == [told]
    assert "role" not in first.names()
    assert "refused" not in first.names()


def test_a_rolled_back_change_of_rights_puts_nobody_out(app, ana, note, tab):
    document = note(writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        actions.rights_changed([document])
        db.session.rollback()
    first.write("still here")
    assert first.hear().refused == []


def test_a_revoked_session_writes_nothing_more(app, ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        db.session.query(AuthSession).filter_by(user_id=ana.id).update({"revoked_at": utcnow()})
        commit()
    first.write("too late")
    assert codes(first) == ["gone"]
    assert log_of(document) == []
    assert first.open()["error"]["code"] == "signed_out"


def test_a_session_that_is_put_out_leaves_its_rooms(app, ana, ben, note, tab):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    with app.app_context():
        session = db.session.query(AuthSession).filter_by(user_id=ben.id).one()
        disconnect_session(session.id)
    first.write("private")
    assert "edits" not in [name for name, _ in second.events]
    room = app.extensions["collab"].rooms.get(document)
    assert [line.peer.principal.user_id for line in room.lines.values()] == [ana.id]


def test_nobody_writes_into_a_locked_document_until_it_is_unlocked(app, ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        actions.freeze(document, by=ana)
        commit()
    first.write("after the lock")
    assert codes(first) == ["locked"]
    assert log_of(document) == []
    with app.app_context():
        actions.unfreeze(document, by=ana)
        commit()
    second = tab(ana, document)
    second.write("after it")
    assert second.hear().saved[-1]["n"] == 1


def test_a_yjs_client_belongs_to_the_person_who_used_it_first(ana, ben, note, tab, log_of):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write("Ana wrote this. ")
    forged = first.typed("Ana never wrote this.")
    second.hear().send(forged)
    assert codes(second) == ["malformed"]
    assert [row.user_id for row in log_of(document)] == [ana.id]


def test_the_servers_own_client_belongs_to_nobody(app, ana, note, tab, log_of):
    document = note("Seeded", writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        seeded = db.session.query(DocAuthor.client_id).filter_by(doc_id=document).scalar()
    forger = Doc(client_id=seeded)
    forger["body2"] = Text("forged")
    first.send(forger.get_update())
    assert codes(first) == ["malformed"]
    assert log_of(document) == []


def test_an_update_of_several_clients_is_refused(ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    one, other = Doc(), Doc()
    one["a"], other["b"] = Text("one"), Text("other")
    first.send(merge_updates(one.get_update(), other.get_update()))
    assert codes(first) == ["malformed"]
    assert log_of(document) == []


def test_an_update_that_only_deletes_somebody_elses_words_is_taken(ana, ben, note, tab):
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write("Too long")
    second.hear()
    with second.doc.transaction():
        node = second.body.children[0].children[0]
        del node[3:8]
    update = second.taken()
    assert update[0] == 0, "no structs"
    second.send(update)
    assert second.hear().saved
    assert first.text == second.text == "Too"


def test_an_update_that_is_too_large_is_refused_by_its_size(ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    first.send(b"\x01" * (MAX_UPDATE + 1))
    assert codes(first) == ["too_large"]
    assert log_of(document) == []


def test_a_document_that_is_full_takes_no_more(app, ana, note, tab, log_of):
    document = note(writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        db.session.query(DocHead).filter_by(doc_id=document).update({"size": 10_000_000})
        commit()
    first.write("one more")
    assert codes(first) == ["full"]
    assert log_of(document) == []


def test_a_flood_is_cut_off_and_does_not_slow_the_others(ana, ben, note, tab, log_of, monkeypatch):
    document = note(writers=[ana, ben])
    monkeypatch.setattr("portal.live.limits.time", SimpleNamespace(monotonic=lambda: 1e9))  # all in one moment
    flooding, calm = tab(ana, document), tab(ben, document)
    for _ in range(230):
        flooding.write("x")
    assert codes(flooding) == ["rate"] * 30
    assert len(log_of(document)) == 200
    assert flooding.saved[-1]["n"] == 200
    calm.hear().write(" calm")
    assert calm.hear().saved[-1]["n"] == 1


def test_six_million_bytes_at_once_are_enough(ana, note, tab, log_of, monkeypatch):
    document = note(writers=[ana])
    monkeypatch.setattr("portal.live.limits.time", SimpleNamespace(monotonic=lambda: 1e9))  # all in one moment
    first = tab(ana, document)
    for _ in range(25):
        first.write("x" * 249_000)
    assert codes(first) == ["rate"]
    assert len(log_of(document)) == 24


@pytest.mark.parametrize(
    "change",
    [
        {"d": True},
        {"d": "1"},
        {"d": -1},
        {"d": 2**80},
        {"since": 1.5},
        {"since": -2},
        {"epoch": None},
        {"client_key": "short"},
        {"client_key": "x" * 37},
        {"client_key": "'; drop table;--"},
        {"client_key": None},
        {"proto": "1"},
        {"schema": []},
    ],
    ids=str,
)
def test_an_open_of_the_wrong_shape_is_refused(ana, note, tab, change):
    answer = tab(ana, note(writers=[ana]), **change).answer
    assert answer["error"]["code"] == "malformed"


def test_an_old_page_is_told_to_reload(ana, note, tab):
    document = note(writers=[ana])
    assert tab(ana, document, schema=0).answer["error"] == {
        "code": "schema",
        "message": "This page is out of date. Reload it.",
    }
    assert tab(ana, document, schema=2).answer["error"]["code"] == "schema"
    assert tab(ana, document, proto=0).answer["error"]["code"] == "proto"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"d": "x", "n": 1, "update": b"x"},
        {"d": 1, "n": 0, "update": b"x"},
        {"d": 1, "n": 2**31, "update": b"x"},
        {"d": 1, "n": 1, "update": "text"},
        {"d": 1, "n": 1},
        {"d": 1, "n": 1, "update": {"deep": [[[]]]}},
        [],
        "text",
        None,
        b"bytes",
    ],
    ids=str,
)
def test_an_edit_of_the_wrong_shape_changes_nothing(ana, note, tab, log_of, message):
    document = note(writers=[ana])
    first = tab(ana, document)
    assert document == 1
    first.socket.emit("edit", message, namespace="/doc")
    assert log_of(document) == []
    other = tab(ana, document)
    other.write("fine")
    assert other.hear().saved[-1]["n"] == 1


def test_a_tab_can_open_only_so_many_documents_at_once(ana, note, tab):
    first = tab(ana, note(writers=[ana]))  # which opens it once
    opened = 1
    while (answer := first.open())["ok"] and opened < 1_000:  # on a slow machine more are allowed meanwhile
        opened += 1
    assert opened >= 60
    assert answer["error"]["code"] == "rate"
