"""Real server processes of the whole portal on one PostgreSQL and one Valkey, with a reader, and tabs on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from flask import Flask

from launcher import valkey
from launcher.environment import ROOT
from portal import create_app, migrating
from portal.accounts.actions import start_session
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import User
from portal.collab import queries
from portal.config import Settings
from portal.extensions import db
from portal.transaction import commit
from tests import services
from tests.builders import Make
from tests.collab.remote import RemoteTab
from tests.stack import free_port
from tests.waiting import eventually

SECRET = "0" * 32


@dataclass
class Servers:
    """Real processes on one database; `app` is the same portal in the test's own process, without sockets."""

    app: Flask
    folder: Path
    ports: list[int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.make = Make(self.app)

    def start(self, name: str, *arguments: str, port: int) -> None:
        settings = self.app.extensions["settings"]
        environment = {
            **os.environ,
            "PORTAL_ENV": "development",
            "PORTAL_INSTANCE": str(self.folder),
            "PORTAL_PORT": str(port),
            "PORTAL_ORIGIN": "",
            "SECRET_KEY": SECRET,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
        }
        with (self.folder / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def start_server(self, number: int) -> None:
        bind = f"127.0.0.1:{self.ports[number]}"
        arguments = ("gunicorn", "--config", "deploy/gunicorn.py", "--bind", bind, "wsgi:app")
        self.start(f"server-{number}", *arguments, port=self.ports[number])

    def start_reader(self) -> None:
        self.start("reader", "flask", "--app", "wsgi", "reader", port=self.ports[0])

    def start_valkey(self) -> None:
        self.processes["valkey"] = valkey.start(self.folder)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def address(self, number: int) -> str:
        return f"http://localhost:{self.ports[number]}"

    def is_alive(self, number: int) -> bool:
        assert self.processes[f"server-{number}"].poll() is None, self.logs()
        try:
            return requests.get(f"{self.address(number)}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def cookie_of(self, user: User) -> str:
        """The cookie of a browser in which this person has just signed in."""
        with self.app.app_context():
            session, secret = start_session(db.session.get_one(User, user.id), own_device=False, agent="test")
            value = {COOKIE_KEY: f"{session.id}.{secret}"}
            commit()
            signer = self.app.session_interface.get_signing_serializer(self.app)
        return f"portal={signer.dumps(value)}"

    def tab(self, user: User, document_id: int, number: int, *transports: str) -> RemoteTab:
        cookie = self.cookie_of(user)
        return RemoteTab(self.address(number), cookie, document_id, transports=list(transports or ("websocket",)))

    def worker(self, number: int) -> int:
        """The process id of gunicorn's one worker."""
        parent = self.processes[f"server-{number}"].pid
        [worker] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return int(worker)

    def reading(self, document_id: int) -> queries.Reading:
        with self.app.app_context():
            return queries.readings([document_id])[document_id]

    def logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')}" for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=20)


@contextmanager
def serving(folder: Path, database: str, *, servers: int) -> Iterator[Servers]:
    """So many server processes and a reader on an empty database of this name; all is stopped after."""
    with services.postgres() as server:
        app = create_app(
            Settings(
                environment="testing",
                instance=folder,
                origin="http://localhost:8450",
                secret_key=SECRET,
                database_url=services.fresh_database(server, database),
                redis_url=f"unix://{folder / 'valkey.sock'}",
                mail_url="memory:",
                argon2_memory_kib=8192,
            )
        )
        running = Servers(app, folder, [free_port() for _ in range(servers)])
        try:
            running.start_valkey()
            with app.app_context():
                migrating.bind(app)
                migrating.upgrade()
            for number in range(servers):
                running.start_server(number)
            running.start_reader()
            for number in range(servers):
                eventually(lambda number=number: running.is_alive(number), "the server")
            yield running
        finally:
            running.stop()
            with app.app_context():
                db.engine.dispose()
