"""What the person at the server types: prepare the database, look whether all is well, back up, restore."""

from __future__ import annotations

from flask import Flask

from portal.operations.cli import backup_command, doctor, prepare, restore_command


def init_app(app: Flask) -> None:
    """Register `flask prepare`, `doctor`, `backup` and `restore`."""
    for command in (prepare, doctor, backup_command, restore_command):
        app.cli.add_command(command)
