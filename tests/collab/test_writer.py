"""The writer's batch: what fails takes nothing along, and nothing is said before it is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from portal.collab.protocol import EDITS_BURST
from portal.extensions import db


@pytest.fixture
def one_batch(app: Flask) -> Callable[[], Any]:
    """`with one_batch():` what is sent meanwhile waits in the queue and is committed together at the end."""
    engine = app.extensions["collab"]

    @contextmanager
    def gathered() -> Iterator[None]:
        engine.is_running = True  # so that handlers leave the draining to the writer
        try:
            yield
        finally:
            engine.is_running = False
        engine.writer.drain()

    return gathered


@pytest.fixture
def failing(app: Flask) -> Callable[..., Any]:
    """`with failing("commit", say):` the database raises what `say(statement, parameters)` returns."""

    @contextmanager
    def spoiled(moment: str, say: Callable[..., Exception | None]) -> Iterator[None]:
        def spoil(*arguments: Any) -> None:
            if error := say(*arguments):
                raise error

        with app.app_context():
            engine = db.engine
        event.listen(engine, moment, spoil)
        try:
            yield
        finally:
            event.remove(engine, moment, spoil)

    return spoiled


def test_what_is_queued_together_is_one_event_for_the_room(make, note, tab, one_batch):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    with one_batch():
        first.write("one ")
        second.write("two ")
        first.write("three")
    assert first.text == second.text
    spans = [(data["from_seq"], data["to_seq"]) for name, data in second.events if name == "edits"]
    assert spans == [(1, 3)]
    assert first.saved == [{"d": document, "n": 2, "seq": 3}]
    assert second.saved == [{"d": document, "n": 1, "seq": 2}]


def test_what_is_queued_behind_a_refused_edit_is_refused_with_it(make, note, tab, one_batch, log_of):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    victim, forger = tab(ana, document), tab(ben, document)
    victim.write("Ana's")
    forged = victim.typed(" not Ana's")
    forger.hear()
    with one_batch():
        forger.send(forged)
        forger.write("good")
        victim.write(" own")
    assert [answer["code"] for answer in forger.hear().refused] == ["malformed", "malformed"]
    assert forger.saved == []
    assert [row.user_id for row in log_of(document)] == [ana.id, ana.id]


def test_a_failed_commit_says_nothing_and_is_tried_again(make, note, tab, failing, log_of):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    update = first.typed("words")
    said_meanwhile = []

    def once(*_):
        if said_meanwhile:
            return None
        said_meanwhile.append((first.hear().saved, second.text))
        return sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))

    with failing("commit", once):
        first.send(update)
    assert said_meanwhile == [([], "")]
    assert first.hear().saved == [{"d": document, "n": 1, "seq": 1}]
    assert second.text == "words"
    assert len(log_of(document)) == 1


def test_a_database_that_stays_away_is_said_and_the_same_edit_is_taken_later(
    make, note, tab, failing, log_of, monkeypatch
):
    monkeypatch.setattr("portal.collab.writer.PATIENCE_SECONDS", 0.1)
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    update = first.typed("words")
    with failing("commit", lambda *_: sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))):
        first.send(update)
    assert [answer["code"] for answer in first.hear().refused] == ["rate"]
    assert (first.saved, log_of(document)) == ([], [])
    first.open()
    first.send(update, n=1)
    assert first.hear().saved[-1]["n"] == 1
    assert tab(ana, document).text == "words"


def test_an_edit_that_the_database_will_not_take_does_not_take_others_along(
    make, note, tab, failing, one_batch, log_of
):
    people = [make.person(name) for name in ("Ana", "Ben", "Chi")]
    document = note(writers=people)
    tabs = [tab(person, document) for person in people]

    def dislikes_ben(_connection, _cursor, statement, parameters, *_):
        if statement.startswith("INSERT INTO doc_updates") and b"poison" in b"".join(bodies(parameters)):
            return sa.exc.DataError(statement, {}, Exception("no"))
        return None

    with failing("before_cursor_execute", dislikes_ben), one_batch():
        for one, word in zip(tabs, ("fine", "poison", "good"), strict=True):
            one.write(word)
    assert [len(one.hear().saved) for one in tabs] == [1, 0, 1]
    assert [answer["code"] for answer in tabs[1].refused] == ["malformed"]
    assert [row.user_id for row in log_of(document)] == [people[0].id, people[2].id]
    assert tabs[0].text == tabs[2].text


def bodies(parameters: Any) -> Iterator[bytes]:
    """The bytes among a statement's parameters, for one row or many, by position or by name."""
    for row in parameters if isinstance(parameters, list) else [parameters]:
        values = [getattr(value, "obj", value) for value in (row.values() if isinstance(row, dict) else row)]
        yield from (bytes(value) for value in values if isinstance(value, bytes | memoryview))


def test_a_page_that_opened_again_is_not_told_of_numbers_that_it_sent_under_another_key(make, note, tab, one_batch):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    with one_batch():
        first.write("before ")
        first.key, first.n = "another-key-of-this-page", 0
        first.open(since=first.seq)
    assert first.hear().saved == []
    assert first.text == "before "
    first.write("after ")
    assert [(answer["n"], answer["seq"]) for answer in first.hear().saved] == [(1, 2)]


def test_a_refusal_of_a_former_opening_does_not_stop_the_next(make, note, tab, one_batch, rights):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    with one_batch():
        rights.roles[ana.id, document] = "read"
        first.write("too late ")
        rights.roles[ana.id, document] = "write"
        first.key, first.n = "another-key-of-this-page", 0
        first.open(since=first.seq)
        rights.roles[ana.id, document] = "read"
    rights.roles[ana.id, document] = "write"
    assert first.hear().refused == []
    assert tab(ana, document).text == ""


def test_what_is_too_fast_does_not_take_along_what_waits_before_it(make, note, tab, one_batch, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    with one_batch():
        for number in range(EDITS_BURST + 50):
            first.write(f"{number} ")
    assert {answer["code"] for answer in first.hear().refused} == {"rate"}
    assert len(log_of(document)) >= EDITS_BURST
    assert first.saved[-1]["n"] == len(log_of(document)) == first.refused[0]["n"] - 1


def test_no_statement_of_a_batch_reads_a_whole_table_of_the_log(app, make, note, tab, one_batch):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    with statements_of(app) as sent, one_batch():
        first.write("one ")
        second.write("two ")
        first.write("three")
    looked_up = [(sql, values) for sql, values in sent if sql.startswith("SELECT")]
    assert len(looked_up) == 4
    assert [line for sql, values in looked_up for line in scans(app, sql, values)] == []


def test_an_edit_that_stands_in_the_log_is_known_among_those_of_others(make, note, tab, one_batch, log_of):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    once = first.typed("once ")
    first.send(once)
    with one_batch():
        second.write("Ben ")
        first.send(once, n=1)
        first.write("more")
    assert [(row.user_id, row.n) for row in log_of(document)] == [(ana.id, 1), (ben.id, 1), (ana.id, 2)]
    assert first.hear().saved[-1] == {"d": document, "n": 2, "seq": 3}


@contextmanager
def statements_of(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile: statements with their values."""
    sent: list[tuple[str, Any]] = []

    def note_it(_connection, _cursor, sql, values, *_):
        sent.append((sql, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note_it)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note_it)


def scans(app: Flask, sql: str, values: Any) -> list[str]:
    """Where the database reads a table of the log from end to end. PostgreSQL does so while it is small: forbid it."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {sql}", values)
        lines = [str(row[-1]).strip() for row in plan]
    return [line for line in lines if line.startswith("SCAN doc_") or "Seq Scan on doc_" in line]
