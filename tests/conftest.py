"""The world of every test: real SQLite or PostgreSQL, real Valkey, the whole application, named people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from sqlalchemy import event

from launcher import valkey
from portal import create_app, migrating
from portal.accounts.actions import start_session
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import User
from portal.config import Settings
from portal.extensions import db, limiter, socketio
from portal.live import peers, relay
from portal.transaction import commit
from tests import services
from tests.browsing import ORIGIN, Browser
from tests.builders import Make


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
def database(request: pytest.FixtureRequest, instance: Path) -> Iterator[str]:
    """The database that this run is about: `--database postgres`, else SQLite."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{instance / 'test.sqlite'}"
        return
    with services.postgres() as server:
        yield services.fresh_database(server, "test")


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
    app.test_client_class = Browser
    with app.app_context():
        migrating.bind(app)
        migrating.upgrade()
        db.engine.dispose()
        if settings.is_sqlite:
            shutil.copy(instance / "test.sqlite", instance / "migrated.sqlite")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(whole_app: Flask, instance: Path) -> Iterator[Flask]:
    """The application with an empty, migrated database and an empty Valkey."""
    own_limits(whole_app)
    whole_app.extensions["sessions_seen"].at.clear()
    with whole_app.app_context():
        empty_database(instance)
        whole_app.extensions["redis"].flushall()
        whole_app.extensions["mail_transport"].messages.clear()
    yield whole_app
    with whole_app.app_context():
        db.engine.dispose()


def own_limits(app: Flask) -> None:
    """Count this application's requests in its own Valkey.

    The limiter is one object of the process: after a test that made another application it would count there, or,
    where that one's Redis is nowhere, in a memory that no test empties.
    """
    if limiter.storage is not app.extensions.get("own_limits"):
        limiter.init_app(app)
        app.extensions["own_limits"] = limiter.storage
    limiter._storage_dead = False


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


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """`sign_in(ana)`: a browser of its own in which this person has just signed in."""

    def browser_of(user: User, *, own_device: bool = False) -> FlaskClient:
        browser = app.test_client()
        with app.app_context():
            session, secret = start_session(db.session.get_one(User, user.id), own_device=own_device, agent="test")
            key = f"{session.id}.{secret}"
            commit()
        with browser.session_transaction(base_url=ORIGIN) as cookie:
            cookie[COOKIE_KEY] = key
            cookie.permanent = own_device
        return browser

    return browser_of


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as seen:` gathers the SQL statements that were sent meanwhile (not BEGIN and COMMIT)."""

    @contextmanager
    def gathered() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return gathered


@pytest.fixture
def connect(app: Flask, sign_in: Callable[..., FlaskClient]) -> Iterator[Callable[..., SocketIOTestClient]]:
    """`connect(ana)`: a socket of a browser in which this person has just signed in (or of `browser`)."""
    socketio.server = app.extensions["socketio_server"]  # another test may have made another application
    relay.bind(app, app.extensions["settings"])
    sockets = []

    def socket_of(
        user: User | None = None, *, namespace: str = "/", browser: FlaskClient | None = None, origin: str = ORIGIN
    ) -> SocketIOTestClient:
        browser = browser or (sign_in(user) if user else app.test_client())
        socket = SocketIOTestClient(
            app, socketio, namespace=namespace, headers={"Origin": origin}, flask_test_client=browser
        )
        sockets.append(socket)
        return socket

    yield socket_of
    for socket in sockets:
        for namespace in [name for name, is_open in socket.connected.items() if is_open]:
            socket.disconnect(namespace)
        socketio.server.environ.pop(socket.eio_sid, None)
        SocketIOTestClient.clients.pop(socket.eio_sid, None)
    assert not list(peers), "a socket stayed behind"
