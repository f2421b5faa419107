"""The world of every test: real SQLite or PostgreSQL, real Valkey, the whole application, named people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from launcher import valkey
from portal import create_app
from portal.config import Settings
from portal.extensions import db
from tests import services
from tests.builders import Make

ORIGIN = "http://localhost:8450"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="what the tests run on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database; leaving out is not skipping, so nothing is missing in a report."""
    other = "postgres_only" if config.getoption("--database") == "sqlite" else "sqlite_only"
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(other)])
    items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short folder of this test worker (socket paths have about 100 bytes)."""
    return tmp_path_factory.mktemp("i")


@pytest.fixture(scope="session")
def valkey_url(instance: Path) -> Iterator[str]:
    child = valkey.start(instance)
    yield f"unix://{instance / 'valkey.sock'}"
    child.terminate()
    child.wait()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, instance: Path, worker_id: str) -> Iterator[str]:
    """The database that this run is about: `--database postgres`, else SQLite."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{instance / 'test.sqlite'}"
        return
    with services.postgres() as server:
        yield services.fresh_database(server, f"test_{worker_id}")


@pytest.fixture(scope="session")
def whole_app(instance: Path, valkey_url: str, database: str) -> Iterator[Flask]:
    """One application a test worker, on a migrated database that `app` empties for each test."""
    settings = Settings(
        environment="testing",
        instance=instance,
        origin=ORIGIN,
        secret_key="0" * 32,
        database_url=database,
        redis_url=valkey_url,
        mail_url="memory:",
        files_url=(instance / "files").as_uri(),
        argon2_memory_kib=8192,
    )
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()
        if settings.is_sqlite:
            shutil.copy(instance / "test.sqlite", instance / "migrated.sqlite")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(whole_app: Flask, instance: Path) -> Iterator[Flask]:
    """The application with an empty, migrated database and an empty Valkey."""
    with whole_app.app_context():
        empty_database(instance)
        whole_app.extensions["redis"].flushall()
        whole_app.extensions["mail_transport"].messages.clear()
    yield whole_app
    with whole_app.app_context():
        db.engine.dispose()


def empty_database(instance: Path) -> None:
    """SQLite: copy the migrated file; PostgreSQL: truncate every table."""
    if db.engine.dialect.name == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            (instance / f"test.sqlite{suffix}").unlink(missing_ok=True)
        shutil.copy(instance / "migrated.sqlite", instance / "test.sqlite")
        return
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture
def make(app: Flask) -> Make:
    """Builders with valid defaults: a test names only what it is about."""
    return Make(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A signed-out browser."""
    return app.test_client()
