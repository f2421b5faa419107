"""One commit an edge; what waits for it leaves only then; SQLite's writers wait without stopping the process."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, g

from portal import transaction
from portal.accounts.models import User
from portal.extensions import db


def person(name: str) -> User:
    return User(name=name, email=f"{name}@sample.example", email_key=f"{name}@sample.example")


def test_what_waits_leaves_after_the_commit_and_in_order(app: Flask) -> None:
    left: list[str] = []
    with app.app_context():
        db.session.add(person("ana"))
        transaction.on_commit(left.append, "first")
        transaction.on_commit(left.append, "second")
        assert left == []

        transaction.commit()

        assert left == ["first", "second"]
        transaction.commit()
        assert left == ["first", "second"]


def test_a_rollback_forgets_what_waited(app: Flask) -> None:
    left: list[str] = []
    with app.app_context():
        transaction.on_commit(left.append, "never")
        transaction.rollback()
        transaction.commit()
    assert left == []


def test_what_waits_can_be_forgotten_without_undoing_the_work(app: Flask) -> None:
    left: list[str] = []
    with app.app_context():
        db.session.add(person("ana"))
        transaction.on_commit(left.append, "never")
        transaction.forget_waiting()
        transaction.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1
    assert left == []


@pytest.mark.sqlite_only
def test_a_reading_of_ones_own_waits_for_no_writer_and_leaves_its_rows_readable(app: Flask) -> None:
    with app.app_context():
        db.session.add(person("ana"))
        transaction.commit()
        db.session.add(person("ben"))
        db.session.flush()  # holds SQLite's one writer

        with transaction.reading(app):
            [seen] = db.session.scalars(sa.select(User))

        assert seen.name == "ana"
        transaction.rollback()


def test_a_failure_after_the_commit_is_no_failure_of_the_work(app: Flask) -> None:
    left: list[str] = []

    def fail() -> None:
        raise RuntimeError("the messenger is away")

    with app.app_context():
        db.session.add(person("ben"))
        transaction.on_commit(fail)
        transaction.on_commit(left.append, "the next one")
        transaction.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1
    assert left == ["the next one"]


@pytest.mark.sqlite_only
def test_a_writer_waits_for_another_and_then_writes(app: Flask, instance: Path) -> None:
    other = sqlite3.connect(instance / "test.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    release.start()

    with app.app_context():
        db.session.add(person("ana"))
        transaction.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1
    release.join()
    other.close()


@pytest.mark.sqlite_only
def test_a_reader_does_not_wait_for_a_writer(app: Flask, instance: Path) -> None:
    other = sqlite3.connect(instance / "test.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with app.app_context():
        g.is_reading = True
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
    other.execute("COMMIT")
    other.close()


@pytest.mark.sqlite_only
def test_a_database_that_stays_busy_is_said_after_a_while(
    app: Flask, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "BUSY_SECONDS", 0.1)
    other = sqlite3.connect(instance / "test.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with app.app_context(), pytest.raises(transaction.DatabaseBusyError):
        db.session.scalar(sa.select(sa.func.count()).select_from(User))
    other.execute("COMMIT")
    other.close()
