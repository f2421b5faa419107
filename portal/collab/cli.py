"""`flask reader`: the process that reads documents."""

from __future__ import annotations

import signal
import threading

import click
from flask import Flask

from portal.collab import reader


def init_app(app: Flask) -> None:
    """Register the command."""

    @app.cli.command("reader", help="Read shared documents: text, counts, state. Runs until stopped.")
    def run_reader() -> None:
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        click.echo("The reader is at work.")
        reader.run(app, stopped.is_set)
