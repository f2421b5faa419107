"""A copy of every erasure outside the database: a backup from before it does not know it.

`erasures.log` in the instance's folder holds a line of JSON for each: numbers and instants, no names. It is kept
beside the backups, and `flask people replay-erasures` repeats it after a restore.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.config import Settings

NAME = "erasures.log"


class ErasureLogError(ValueError):
    """A line that `note` did not write; the message names it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose account was erased: the row's number and when it was made, both UTC instants exact to the microsecond."""

    user_id: int
    joined_at: datetime
    at: datetime


def note(entry: Entry) -> None:
    """Add a line to this instance's file, on disk when it returns. Raises OSError."""
    settings: Settings = current_app.extensions["settings"]
    line = {"user_id": entry.user_id, "joined_at": entry.joined_at.isoformat(), "at": entry.at.isoformat()}
    path = settings.instance / NAME
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def complete(entries: Iterable[Entry]) -> int:
    """Add those that the file lacks: a disk was full, or the portal died right after the commit. Returns how many."""
    settings: Settings = current_app.extensions["settings"]
    path = settings.instance / NAME
    known = {(entry.user_id, entry.joined_at) for entry in read(path)} if path.exists() else set()
    missing = [entry for entry in entries if (entry.user_id, entry.joined_at) not in known]
    for entry in missing:
        note(entry)
    return len(missing)


def read(path: Path) -> Iterator[Entry]:
    """The lines of a file, oldest first. Raises ErasureLogError, OSError."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found = json.loads(line)
            joined_at, at = (datetime.fromisoformat(found[key]) for key in ("joined_at", "at"))
            yield Entry(int(found["user_id"]), joined_at, at)
        except (ValueError, KeyError, TypeError) as error:
            raise ErasureLogError(f"{path}, line {number}, is no line of an erasure log.") from error
