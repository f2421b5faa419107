"""INSERT that knows ON CONFLICT: both databases speak it, each by a class of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import sqlite

from portal.extensions import db


def insert(table: Any) -> Any:
    """An INSERT of the current database, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if db.engine.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 75 ms, and with SQLite nobody needs it

    return postgresql.insert(table)
