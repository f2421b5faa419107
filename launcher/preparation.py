"""Migrations, the network's facts, the sample: done once, and noted, so that the next start can skip them."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from launcher.checks import Place
from launcher.environment import ROOT
from launcher.words import Refusal

NOTED = "prepared.json"


def run(place: Place, environment: dict[str, str]) -> None:
    """Prepare the database unless the note says that this code has already done so here. Raises Refusal."""
    fingerprint = fingerprint_of(place)
    if is_prepared(place, fingerprint):
        return
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"]
    if place.is_development and place.is_loopback:
        command.append("--sample")
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603  # our own command line
    if done.returncode != 0:
        raise Refusal("The database could not be prepared; the reason is above.")
    (place.instance / NOTED).write_text(json.dumps(fingerprint))


def is_prepared(place: Place, fingerprint: dict[str, str]) -> bool:
    """Whether the note fits this code and the SQLite file still is the one that was prepared.

    With PostgreSQL the answer is always no: somebody else may have changed it.
    """
    database = place.instance / "portal.sqlite"
    note = place.instance / NOTED
    if place.database_url or not database.exists() or not note.exists():
        return False
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return json.loads(note.read_text()) == fingerprint and found == newest_migration()
    except (sqlite3.Error, TypeError, ValueError):
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
