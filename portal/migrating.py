"""Alembic, for the command line and tests only: a server never migrates, and starts 0.1 s sooner without it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask

from portal.config import ROOT
from portal.extensions import db

if TYPE_CHECKING:
    from flask_migrate import Migrate


def is_wanted() -> bool:
    """Whether this process is the flask command, which may be asked for `flask db`."""
    return "FLASK_RUN_FROM_CLI" in os.environ


def bind(app: Flask) -> Migrate:
    """Give `app` its migrations, so that `flask db` and `flask_migrate`'s functions find them."""
    from flask_migrate import Migrate  # noqa: PLC0415  # 100 ms

    migrate = Migrate()
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    return migrate


def upgrade() -> None:
    """Bring the current application's database to the newest migration."""
    from flask_migrate import upgrade as upgrade_to_head  # noqa: PLC0415  # 100 ms

    upgrade_to_head()
