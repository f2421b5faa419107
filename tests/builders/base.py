"""What all builders share: the application, and one committed transaction a call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal.extensions import db
from portal.transaction import commit


class Base:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.numbers = itertools.count(1)

    @contextmanager
    def saved(self) -> Iterator[None]:
        """An application context whose changes are committed; objects stay readable afterwards."""
        with self.app.app_context():
            db.session().expire_on_commit = False
            yield
            commit()
