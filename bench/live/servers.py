"""Contestants: each starts its servers in a folder of its own and says what the driver needs to know of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.http import free_port
from bench.live.peers import NODE, PYTHON
from bench.live.rows import AT_ONCE, HOCUSPOCUS, POLLED, POLLING, PORTAL, PYCRDT, Y_WEBSOCKET
from launcher import valkey
from launcher.environment import ROOT
from tests.services import fresh_database, postgres

HERE = Path(__file__).parent
READY_SECONDS = 60.0
PEOPLE = 200
FORWARDED = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}  # as from the proxy that ends TLS


@dataclass(frozen=True, slots=True)
class Need:
    """What a row asks of its servers: `documents` are short texts, `long_documents` copies of the file `long`."""

    processes: int
    documents: int
    long: Path | None = None
    long_documents: int = 0


class Contestant:
    """Processes in `folder`. `server` are those that serve, `all` also what they cannot do without."""

    def __init__(self, name: str, folder: Path, need: Need) -> None:
        self.name, self.folder, self.need = name, folder, need
        self.ports = [free_port() for _ in range(need.processes)]
        self.server: list[subprocess.Popen[bytes]] = []
        self.others: list[subprocess.Popen[bytes]] = []
        self.cleaning = ExitStack()
        folder.mkdir(mode=0o700, parents=True)

    def start(self) -> None:
        """Start what there is to start; `wait` waits for it."""
        raise NotImplementedError

    def wait(self) -> None:
        """Until every port answers. Raises RuntimeError with the log's end."""
        for process, port in zip(self.server, self.ports, strict=True):
            wait_for_port(port, process, self.folder)

    def job(self, row_job: dict[str, Any], first: int, count: int) -> dict[str, Any]:
        """What the driver is told: documents `first` to `first + count` are fresh."""
        raise NotImplementedError

    def processes(self) -> dict[str, list[int]]:
        server = [process.pid for process in self.server]
        return {"server": server, "all": server + [process.pid for process in self.others]}

    def spawn(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """A process whose output goes to a file in the folder and that dies with us."""
        with (self.folder / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=clean_environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=valkey.die_with_parent(),  # noqa: PLW1509  # one prctl call, safe before exec
            )

    def stop(self) -> None:
        """End everything, the servers first."""
        for process in (*self.server, *self.others):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (*self.server, *self.others):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.cleaning.close()


class Portal(Contestant):
    """The portal as production runs it: gunicorn, worker, reader, Valkey; PostgreSQL when it is several processes."""

    def start(self) -> None:
        folder, need = self.folder, self.need
        database = f"sqlite:///{folder / 'portal.sqlite'}"
        if need.processes > 1:
            database = fresh_database(self.cleaning.enter_context(postgres()), "bench")
        self.environment = {
            "PORTAL_ENV": "production",
            "PORTAL_INSTANCE": str(folder),
            "PORTAL_ORIGIN": origin(self.ports[0]),
            "PORTAL_TRUSTED_PROXIES": "1",
            "MAIL_URL": "smtp://127.0.0.1:9",
            "DATABASE_URL": database,
            "REDIS_URL": f"unix://{folder / 'valkey.sock'}",
            **{AT_ONCE: {"BENCH_UNLIMITED": "1"}, POLLING: {"BENCH_NO_WEBSOCKETS": "1"}}.get(self.name, {}),
        }
        self.broker = valkey.start(folder)
        self.others.append(self.broker)
        self.world = self.make_world()
        self.postmaster = postmaster_of(database) if need.processes > 1 else []
        application = "wsgi:app" if self.name == PORTAL else "bench.live.wsgi:app"
        for port in self.ports:
            command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py"]
            command += ["--bind", f"127.0.0.1:{port}", application]
            own = self.environment | {"PORTAL_PORT": str(port), "PORTAL_ORIGIN": origin(port)}
            self.server.append(self.spawn(f"server-{port}", command, **own))
        for role in ("worker", "reader"):
            command = [sys.executable, "-m", "flask", "--app", "wsgi", role]
            self.others.append(self.spawn(role, command, **self.environment))

    def wait(self) -> None:
        """Until the worker has loaded the portal: its first process listens long before, and memory is compared."""
        super().wait()
        for port in self.ports:
            url = f"http://127.0.0.1:{port}/healthz"
            with urllib.request.urlopen(url, timeout=READY_SECONDS) as answer:  # a plain address
                answer.read()

    def make_world(self) -> dict[str, Any]:
        need = self.need
        command = [
            sys.executable,
            "-m",
            "bench.live.world",
            "--people",
            str(PEOPLE),
            "--documents",
            str(need.documents),
        ]
        if need.long is not None:
            command += ["--long", str(need.long), "--long-documents", str(need.long_documents)]
        return dict(json.loads(output_of(command, self.environment)))

    def job(self, row_job: dict[str, Any], first: int, count: int) -> dict[str, Any]:
        documents = self.world["long" if self.need.long else "documents"][first : first + count]
        return {
            "client": "portal",
            "documents": documents,
            "cookies": self.world["cookies"],
            "headers": FORWARDED,
            "transports": POLLED if self.name == POLLING else None,
            "transport": "polling" if self.name == POLLING else "websocket",
            "atOnce": self.name == AT_ONCE,
        }

    def processes(self) -> dict[str, list[int]]:
        found = super().processes()
        return {**found, "all": found["all"] + self.postmaster}


class Peer(Contestant):
    """A server that knows documents by whatever name a client asks for."""

    client = ""

    def start(self) -> None:
        if self.need.long is not None:
            self.fill([str(name) for name in range(self.need.long_documents)])
        redis = {}
        if self.need.processes > 1:
            self.others.append(valkey.start(self.folder))
            redis = {"REDIS": str(self.folder / "valkey.sock")}
        for port in self.ports:
            self.server.append(self.serve(port, redis))

    def fill(self, names: list[str]) -> None:
        """Store the long document under these names."""
        raise NotImplementedError

    def serve(self, port: int, redis: dict[str, str]) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def job(self, row_job: dict[str, Any], first: int, count: int) -> dict[str, Any]:
        return {"client": self.client, "documents": list(range(first, first + count)), "transport": "websocket"}


class Hocuspocus(Peer):
    """Hocuspocus with its SQLite extension, and its Redis extension between processes."""

    client, kind = "hocuspocus", "hocuspocus"

    @property
    def store(self) -> str:
        return str(self.folder / "store.sqlite")

    def fill(self, names: list[str]) -> None:
        output_of([*NODE, str(HERE / "servers" / "fill.mjs"), self.kind, self.store, str(self.need.long), *names])

    def serve(self, port: int, redis: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [*NODE, str(HERE / "servers" / "hocuspocus.mjs")]
        return self.spawn(f"server-{port}", command, PORT=str(port), STORE=self.store, **redis)


class YWebsocket(Hocuspocus):
    """y-websocket's server with its LevelDB."""

    client, kind = "y-websocket", "y-websocket"

    @property
    def store(self) -> str:
        return str(self.folder / "level")

    def serve(self, port: int, redis: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [*NODE, str(HERE / "servers" / "y-websocket.mjs")]
        return self.spawn(f"server-{port}", command, PORT=str(port), HOST="127.0.0.1", YPERSISTENCE=self.store)


class Pycrdt(Peer):
    """pycrdt-websocket under uvicorn with its SQLite store; its client is y-websocket's."""

    client = "y-websocket"
    program = str(HERE / "servers" / "pycrdt_server.py")

    @property
    def store(self) -> str:
        return str(self.folder / "store.sqlite")

    def fill(self, names: list[str]) -> None:
        paths = [f"/{name}" for name in names]  # a room's name is the address's path
        output_of([str(PYTHON), self.program, str(self.need.long), *paths], {"STORE": self.store})

    def serve(self, port: int, redis: dict[str, str]) -> subprocess.Popen[bytes]:
        return self.spawn(f"server-{port}", [str(PYTHON), self.program], PORT=str(port), STORE=self.store)


KINDS: dict[str, type[Contestant]] = {
    PORTAL: Portal,
    AT_ONCE: Portal,
    POLLING: Portal,
    HOCUSPOCUS: Hocuspocus,
    Y_WEBSOCKET: YWebsocket,
    PYCRDT: Pycrdt,
}


@contextmanager
def running(names: tuple[str, ...], folder: Path, need: Need) -> Iterator[dict[str, Contestant]]:
    """These contestants, each ready; all are ended after, and their folders are gone."""
    contestants = {name: KINDS[name](name, folder / str(number), need) for number, name in enumerate(names)}
    try:
        for contestant in contestants.values():
            contestant.start()
        for contestant in contestants.values():
            contestant.wait()
        yield contestants
    finally:
        for contestant in contestants.values():
            contestant.stop()
            shutil.rmtree(contestant.folder, ignore_errors=True)


def origin(port: int) -> str:
    """The address of a server process that clients reach directly, on the far side of an imagined proxy."""
    return f"https://127.0.0.1:{port}"


def clean_environment() -> dict[str, str]:
    """Ours without settings of a portal that happens to run here."""
    ours = ("PORTAL_", "REDIS_", "DATABASE_", "MAIL_", "BENCH_", "FILES_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def output_of(command: list[str], environment: dict[str, str] | None = None) -> str:
    """What the command printed. Raises RuntimeError with what it said when it failed."""
    env = clean_environment() | (environment or {})
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[:3]} failed: {done.stderr[-2000:]}")
    return done.stdout


def wait_for_port(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until somebody listens. Raises RuntimeError when the process ended or time is up."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                log = (folder / f"server-{port}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the server on port {port} did not start: {log}") from None
            time.sleep(0.05)


def postmaster_of(database_url: str) -> list[int]:
    """PostgreSQL's first process, whose children are all others."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return [int(Path(folder, "postmaster.pid").read_text().split()[0])]
