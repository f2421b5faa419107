"""Shared documents: protocol, log, reading. Knows documents, roles and a registry of kinds, no domain."""

from __future__ import annotations

from flask import Flask

from portal.collab import models  # noqa: F401  # tables are known to Alembic


def init_app(app: Flask) -> None:
    """Register the namespace `/doc` and the document routes."""
