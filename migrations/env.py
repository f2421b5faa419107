"""Alembic's environment: the application's engine and metadata, batch mode for SQLite."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from portal.clock import UTCDateTime
from portal.extensions import db


def render_item(kind: str, item: Any, _autogen: object) -> str | bool:
    """Migrations import nothing of ours: our instant type is written as the one it wraps."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def leave_out_empty(_context: object, _revision: object, directives: list[Any]) -> None:
    """No file when nothing changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    """Migrate over one connection; SQLite's foreign keys rest while tables are rebuilt."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            process_revision_directives=leave_out_empty,
            render_item=render_item,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
