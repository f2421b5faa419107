"""What is looked at before a process serves, however it was started."""

from __future__ import annotations

import click
import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal import sample
from portal.config import Settings, SettingsError
from portal.extensions import db
from portal.transaction import DatabaseBusyError

log = structlog.get_logger(__name__)


def refuse_sample_in_production(app: Flask) -> None:
    """Raises SettingsError when this production process would let invented people in.

    Also when gunicorn was started without `bin/run`, which looks by itself. The flask command passes:
    `flask sample remove` is the way out. A database that does not answer, or has no tables yet, has nobody to let in.
    """
    settings: Settings = app.extensions["settings"]
    command = click.get_current_context(silent=True)
    if not settings.is_production or (command is not None and command.info_name != "run"):
        return
    with app.app_context():
        try:
            is_there = sample.has_sample()
        except (SQLAlchemyError, DatabaseBusyError) as error:
            log.warning("sample_not_looked_for", error=type(error).__name__)
            return
        finally:
            db.session.remove()
            db.engine.dispose()  # a server forks or serves from here on, and starts with connections of its own
    if is_there:
        raise SettingsError("The sample's accounts are in this database. Remove them first: flask sample remove")
