"""boards."""

from __future__ import annotations

from flask import Flask

from portal.boards import models  # noqa: F401  # tables are known to Alembic


def init_app(app: Flask) -> None:
    """Wire the domain."""
