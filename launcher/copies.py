"""Copies of the SQLite file, made before it is migrated; the newest three are kept."""

from __future__ import annotations

import contextlib
import filecmp
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from launcher.words import Refusal

FOLDER = "before-migration"
KEPT = 3


def keep(database: Path, instance: Path) -> Path | None:
    """Copy `database` as it is now, also while others write. Raises Refusal when that cannot be done.

    None when the newest copy is the same: a migration that fails again and again must not push out older copies.
    """
    folder = instance / FOLDER
    draft = folder / "draft"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        copy(database, draft)
        known = copies_in(folder)
        if known and filecmp.cmp(draft, known[-1], shallow=False):
            return None
        made = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.sqlite"
        draft.rename(made)
        for old in copies_in(folder)[:-KEPT]:
            old.unlink()
    except (OSError, sqlite3.Error) as error:
        raise Refusal(
            f"The database {database} could not be copied to {folder} before its migration ({error}). "
            "Nothing was changed; free some space and try again."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    return made


def copy(database: Path, draft: Path) -> None:
    """One consistent copy, readable by its owner only."""
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with (
        closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=10)) as source,
        closing(sqlite3.connect(draft)) as target,
    ):
        source.backup(target)


def copies_in(folder: Path) -> list[Path]:
    """The oldest first."""
    return sorted(folder.glob("*.sqlite"))
