"""A portal on either database, and empty instances of its kind to restore into."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal import create_app, migrating
from portal.config import Settings
from portal.extensions import db
from tests import services
from tests.browsing import ORIGIN, Browser


def portal_in(instance: Path, database_url: str, redis_url: str, secret_key: str = "0" * 32) -> Flask:
    """A portal whose database was never touched."""
    instance.mkdir(mode=0o700, exist_ok=True)
    settings = Settings(
        environment="testing",
        instance=instance,
        origin=ORIGIN,
        secret_key=secret_key,
        database_url=database_url or f"sqlite:///{instance / 'portal.sqlite'}",
        redis_url=redis_url,
        mail_url="memory:",
        files_url=(instance / "files").as_uri(),
        argon2_memory_kib=8192,
    )
    app = create_app(settings)
    app.test_client_class = Browser
    return app


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def migrate(app: Flask) -> None:
    with app.app_context():
        migrating.bind(app)
        migrating.upgrade()


def flask(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    """Run a flask command on this portal: its exit code and what it said."""
    done = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Path:
    """A migrated SQLite file, to be copied."""
    app = portal_in(tmp_path_factory.mktemp("migrated"), "", valkey_url)
    migrate(app)
    close(app)
    return app.extensions["settings"].instance / "portal.sqlite"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with services.postgres() as address:
        yield address


@pytest.fixture(scope="session")
def template(server: str, tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    url = services.fresh_database(server, "migrated")
    app = portal_in(tmp_path_factory.mktemp("migrated"), url, valkey_url)
    migrate(app)
    close(app)
    return str(sa.make_url(url).database)


@pytest.fixture(params=["sqlite"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path, valkey_url: str) -> Iterator[Callable[..., Flask]]:
    """`fresh("second")`: a portal of this name on a database of its own, empty unless `is_migrated`."""
    made: list[Flask] = []

    def portal(name: str, secret_key: str = "0" * 32, *, is_migrated: bool = False) -> Flask:
        url, folder = "", tmp_path / name
        folder.mkdir(mode=0o700)
        if request.param == "postgres":
            template = request.getfixturevalue("template") if is_migrated else "template0"
            url = services.fresh_database(request.getfixturevalue("server"), name, template)
        elif is_migrated:
            shutil.copy(request.getfixturevalue("migrated"), folder / "portal.sqlite")
        made.append(portal_in(folder, url, valkey_url, secret_key))
        return made[-1]

    yield portal
    for app in made:
        close(app)


@pytest.fixture
def app(fresh: Callable[..., Flask]) -> Flask:
    """The portal that is backed up; `make`, `sign_in` and `connect` are about it."""
    return fresh("first", is_migrated=True)
