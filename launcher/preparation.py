"""Migrations, the network's facts, the sample: done once, and noted, so that the next start can skip them."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from launcher import copies
from launcher.checks import Place
from launcher.environment import ROOT
from launcher.words import Refusal, step

NOTED = "prepared.json"


def run(place: Place, environment: dict[str, str]) -> None:
    """Prepare the database unless the note says that this code has already done so here. Raises Refusal."""
    fingerprint = fingerprint_of(place)
    if is_prepared(place, fingerprint):
        return
    copy_before_migrating(place)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"]
    if place.is_development and place.is_loopback:
        command.append("--sample")
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603  # our own command line
    if done.returncode != 0:
        raise Refusal("The database could not be prepared; the reason is above.")
    (place.instance / NOTED).write_text(json.dumps(fingerprint))


def copy_before_migrating(place: Place) -> None:
    """Keep the SQLite database as it is when migrations are due. Raises Refusal.

    PostgreSQL is its owner's to back up: `flask backup`, as docs/operating.md says.
    """
    database = sqlite_file(place)
    if database is None or not database.exists() or migration_of(database) == newest_migration():
        return
    if made := copies.keep(database, place.instance):
        step(f"Copied the database to {made} before it is migrated")


def sqlite_file(place: Place) -> Path | None:
    """Where the SQLite database is, with or without DATABASE_URL; None with another kind."""
    if not place.database_url:
        return place.instance / "portal.sqlite"
    scheme, _, path = place.database_url.partition(":///")
    return place.instance / path.partition("?")[0] if scheme.startswith("sqlite") and path else None


def migration_of(database: Path) -> str:
    """Its migration; nothing when it has none. Raises Refusal for a file that is no database."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return ""
            return str((connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",))[0])
    except sqlite3.Error as error:
        raise Refusal(f"The file {database} cannot be read as a database ({error}).") from error


def is_prepared(place: Place, fingerprint: dict[str, str]) -> bool:
    """Whether the note fits this code and the SQLite file still is the one that was prepared.

    With PostgreSQL the answer is always no: somebody else may have changed it.
    """
    database = place.instance / "portal.sqlite"
    note = place.instance / NOTED
    if place.database_url or not database.exists() or not note.exists():
        return False
    try:
        return json.loads(note.read_text()) == fingerprint and migration_of(database) == newest_migration()
    except ValueError:
        return False


def fingerprint_of(place: Place) -> dict[str, str]:
    """What decides whether there is anything to prepare: migrations, facts and sample texts."""
    folders = ("migrations/versions", "portal/members/facts", "portal/sample", "portal/applications/templates_data")
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    sample = str(place.is_development and place.is_loopback)
    return {"content": digest.hexdigest(), "sample": sample, "environment": os.environ.get("PORTAL_ENV", "")}


def newest_migration(folder: Path = ROOT / "migrations" / "versions") -> str:
    return max(path.name.split("_")[0] for path in folder.glob("[0-9]*.py"))
