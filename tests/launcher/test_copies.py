"""`bin/run` keeps the SQLite database as it was before it migrates it, and three such copies."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from launcher import copies, preparation
from launcher.checks import Place
from launcher.environment import ROOT
from launcher.words import Refusal

pytestmark = pytest.mark.any_database


def place_in(instance: Path, database_url: str = "") -> Place:
    return Place(instance, "127.0.0.1", 8450, redis_url="", database_url=database_url, is_development=False)


def write(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(statement)


def an_old_database(instance: Path, name: str = "portal.sqlite") -> Path:
    """As an earlier release left it: in WAL, with a row, at a migration that is not the newest."""
    database = instance / name
    for statement in (
        "PRAGMA journal_mode=WAL",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('0001')",
        "CREATE TABLE threads (title TEXT)",
    ):
        write(database, statement)
    return database


def kept(instance: Path) -> list[list[str]]:
    """The titles in each copy, the oldest copy first."""
    found = []
    for path in copies.copies_in(instance / copies.FOLDER):
        with closing(sqlite3.connect(path)) as connection:
            found.append([title for (title,) in connection.execute("SELECT title FROM threads ORDER BY rowid")])
    return found


def test_each_migration_leaves_a_copy_and_three_are_kept(tmp_path: Path) -> None:
    database = an_old_database(tmp_path)
    for title in "abcd":
        write(database, f"INSERT INTO threads VALUES ('{title}')")
        preparation.copy_before_migrating(place_in(tmp_path))

    assert kept(tmp_path) == [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]
    for path in (tmp_path / copies.FOLDER).iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_migration_that_fails_again_and_again_pushes_no_copy_out(tmp_path: Path) -> None:
    database = an_old_database(tmp_path)
    write(database, "INSERT INTO threads VALUES ('before')")
    for _ in range(4):
        preparation.copy_before_migrating(place_in(tmp_path))
    assert kept(tmp_path) == [["before"]]


def test_nothing_is_copied_when_no_migration_is_due_or_nothing_is_there_yet(tmp_path: Path) -> None:
    preparation.copy_before_migrating(place_in(tmp_path))
    database = an_old_database(tmp_path)
    write(database, f"UPDATE alembic_version SET version_num = '{preparation.newest_migration()}'")

    preparation.copy_before_migrating(place_in(tmp_path))

    assert not (tmp_path / copies.FOLDER).exists()


def test_a_sqlite_file_named_by_its_address_is_copied_too(tmp_path: Path) -> None:
    database = an_old_database(tmp_path, "named.sqlite")
    write(database, "INSERT INTO threads VALUES ('named')")
    for url in (f"sqlite:///{database}", "postgresql://portal@localhost/portal"):
        preparation.copy_before_migrating(place_in(tmp_path, url))
    assert kept(tmp_path) == [["named"]]


def test_without_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    database = an_old_database(tmp_path)
    (tmp_path / copies.FOLDER).write_text("a file where the folder should be")
    before = database.read_bytes()

    with pytest.raises(Refusal, match="could not be copied"):
        preparation.run(place_in(tmp_path), {})

    assert database.read_bytes() == before
    assert not (tmp_path / preparation.NOTED).exists()


def test_the_start_itself_copies_before_it_migrates(tmp_path: Path) -> None:
    """A real, older database: at the first migration."""
    environment = {"PORTAL_INSTANCE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "db", "upgrade", "0001"], cwd=ROOT, env=environment, check=True, capture_output=True)
    database = tmp_path / "portal.sqlite"

    preparation.run(place_in(tmp_path), environment)

    assert preparation.migration_of(database) == preparation.newest_migration()
    [copy] = copies.copies_in(tmp_path / copies.FOLDER)
    assert preparation.migration_of(copy) == "0001"
