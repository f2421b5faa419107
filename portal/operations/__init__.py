"""What the person at the server types: prepare the database, look whether all is well."""

from __future__ import annotations

from flask import Flask

from portal.operations.cli import doctor, prepare


def init_app(app: Flask) -> None:
    """Register `flask prepare` and `flask doctor`."""
    app.cli.add_command(prepare)
    app.cli.add_command(doctor)
