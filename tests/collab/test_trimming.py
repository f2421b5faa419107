"""Thirty days after an edit its row goes. Nobody misses it: not the text, not a tab, not the edit sent once more."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.clock import utcnow
from portal.collab import actions, jobs, queries, reader
from portal.collab.models import DocHead, DocNumber, DocQuarantine, DocUpdate, DocVersion
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


@contextmanager
def later(app, **ahead):
    """So much time has passed, and the reader has read and squashed."""
    with time_machine.travel(utcnow() + timedelta(**ahead), tick=True), app.app_context():
        reader.read_due(now_please=True)
        yield


def trimmed(app) -> int:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(DocUpdate))
    jobs.trim_logs()
    return before - db.session.scalar(sa.select(sa.func.count()).select_from(DocUpdate))


def numbers() -> list[tuple[str, int]]:
    return [
        tuple(row) for row in db.session.execute(sa.select(DocNumber.client_key, DocNumber.n).order_by(DocNumber.n))
    ]


def test_rows_go_after_thirty_days_and_the_text_stays(app, ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    for number in range(3):
        first.write(f" {number}")
    with later(app, days=29):
        assert trimmed(app) == 0
    with later(app, days=31):
        assert trimmed(app) == 3
        assert numbers() == [(first.key, 3)]
        assert queries.readings([document])[document].text == "Start 0 1 2"
        assert trimmed(app) == 0
    newcomer = tab(ana, document)
    assert newcomer.text == "Start 0 1 2"
    newcomer.write(" more")
    assert [message["seq"] for message in newcomer.hear().saved] == [4]


def test_what_the_stored_state_does_not_hold_stays_however_old(app, ana, note, tab, log_of):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    first.write(" squashed")
    with later(app, minutes=2):
        pass
    first.write(" and not")
    with time_machine.travel(utcnow() + timedelta(days=400), tick=True), app.app_context():
        assert trimmed(app) == 1
    assert [row.seq for row in log_of(document)] == [2]
    assert tab(ana, document).text == "Start squashed and not"


def test_only_old_rows_go_and_the_log_goes_on(app, ana, note, tab, log_of):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    first.write(" old")
    with later(app, days=20):
        pass
    with app.app_context():
        db.session.execute(sa.update(DocUpdate).values(at=utcnow() - timedelta(days=31)))
        db.session.execute(sa.update(DocHead).values(edited_at=utcnow() - timedelta(days=31)))
        commit()
    first.write(" new")
    with app.app_context():
        assert trimmed(app) == 1
    assert [row.seq for row in log_of(document)] == [2]
    assert first.hear().seq == 2
    again = tab(ana, document, since=1, epoch=1)
    assert again.answer["seq"] == 2
    assert tab(ana, document).text == "Start old new"


def test_an_edit_sent_again_after_its_row_is_gone_is_recognised(app, ana, note, tab, log_of):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    sent = [first.typed(f" {number}") for number in range(3)]
    for update in sent:
        first.send(update)
    with later(app, days=31):
        assert trimmed(app) == 3
    first.hear().saved.clear()

    first.send(sent[1], n=2)
    assert [(message["n"], message["seq"]) for message in first.hear().saved] == [(2, 0)]
    first.open(since=3, epoch=1)
    first.saved.clear()
    first.send(sent[2], n=3)
    assert [message["n"] for message in first.hear().saved] == [3]
    assert log_of(document) == []

    first.write(" on")
    assert [(message["n"], message["seq"]) for message in first.hear().saved][-1] == (4, 4)
    assert len(log_of(document)) == 1
    assert tab(ana, document).text == "Start 0 1 2 on"


def test_the_number_of_one_person_says_nothing_of_anothers_key(app, make, ana, note, tab, log_of):
    ben = make.person("Ben")
    document = note("Start", writers=[ana, ben])
    first = tab(ana, document)
    first.write(" one")
    with later(app, days=31):
        trimmed(app)
    other = tab(ben, document)
    other.key = first.key
    other.open()
    other.write(" two")
    assert [(message["n"], message["seq"]) for message in other.hear().saved] == [(1, 2)]
    assert len(log_of(document)) == 1


def test_a_tab_that_was_away_that_long_gets_the_whole_text(app, ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    for number in range(3):
        first.write(f" {number}")
    with later(app, days=31):
        trimmed(app)
    for since in (0, 1, 2):
        away = tab(ana, document, since=since, epoch=1)
        assert away.answer["seq"] == 3
        assert away.text == "Start 0 1 2", "everything, not only what came after"
    assert tab(ana, document, since=3, epoch=1).answer["body"] == b""


def test_numbers_are_forgotten_thirty_days_later(app, ana, note, tab):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    with later(app, days=31):
        trimmed(app)
        assert len(numbers()) == 1
    with later(app, days=59):
        trimmed(app)
        assert len(numbers()) == 1
    with later(app, days=61):
        trimmed(app)
        assert numbers() == []


def test_a_key_that_is_trimmed_twice_keeps_its_highest_number(app, ana, note, tab, monkeypatch):
    monkeypatch.setattr("portal.collab.actions.trimming.ROWS", 2)
    document = note("Start", writers=[ana])
    first, second = tab(ana, document), tab(ana, document)
    for number in range(3):
        first.write(f" {number}")
        second.hear().write(f" and {number}")
    with later(app, days=31):
        assert trimmed(app) == 6
        assert sorted(numbers()) == sorted([(first.key, 3), (second.key, 3)])


def test_a_run_has_an_end(app, ana, note, tab, monkeypatch):
    monkeypatch.setattr("portal.collab.actions.trimming.ROWS", 2)
    monkeypatch.setattr(jobs, "MAX_TRIMS", 2)
    documents = [note("Start", writers=[ana]) for _ in range(2)]
    for document in documents:
        first = tab(ana, document)
        for number in range(3):
            first.write(f" {number}")
    with later(app, days=31):
        assert trimmed(app) == 3
        assert trimmed(app) == 3, "the next hour goes on where this one ended"


def test_a_version_that_was_not_read_yet_does_not_need_the_rows(app, ana, note, tab):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    with app.app_context():
        actions.keep_version(document, "daily")
        commit()
    with later(app, days=31):
        assert trimmed(app) == 1
        assert reader.read_versions() == 1
        assert db.session.scalars(sa.select(DocVersion.text)).all() == ["Start words"]


def test_rows_of_somebody_whose_account_was_erased_go_without_a_number(app, ana, note, tab):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    with app.app_context():
        db.session.execute(sa.update(DocUpdate).values(user_id=None))
        commit()
    with later(app, days=31):
        assert trimmed(app) == 1
        assert numbers() == []


def test_what_was_put_aside_goes_with_the_log(app, ana, note):
    document = note("Start", writers=[ana])
    with app.app_context():
        row = {"doc_id": document, "seq": 1, "epoch": 1, "client_key": "key-12345678", "n": 1, "at": utcnow()}
        db.session.add(DocQuarantine(**row, user_id=ana.id, error="poison", body=b"\x00"))
        commit()
    for days, left in ((29, 1), (31, 0)):
        with later(app, days=days):
            jobs.trim_logs()
            assert db.session.scalar(sa.select(sa.func.count()).select_from(DocQuarantine)) == left
