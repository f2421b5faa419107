"""The portal whose processes die: as production runs it, behind a line that can fail."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil
import requests
import sqlalchemy as sa

from launcher import valkey
from tests import services
from tests.faults.line import Line
from tests.stack import Stack, free_port
from tests.waiting import eventually

TAIL = 1_500  # characters of each log in a failure's report


class FaultyStack(Stack):
    """Two servers on a PostgreSQL of its own, or one on SQLite. Everybody reaches it through `line`."""

    def __init__(self, folder: Path, postgres: services.OwnPostgres | None) -> None:
        url = (
            services.fresh_database(postgres.address, "faults") if postgres else f"sqlite:///{folder / 'portal.sqlite'}"
        )
        super().__init__(folder, database_url=url, servers=2 if postgres else 1)
        self.postgres = postgres
        self.caddy_port = free_port()
        self.line = Line(self.port, self.caddy_port)

    def start(self) -> None:
        self.line.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.line.stop()

    @property
    def servers(self) -> list[str]:
        return [name for name in self.processes if name.startswith("server-")]

    def serving(self, number: int) -> int:
        """The process that serves, below gunicorn's own."""
        (worker,) = psutil.Process(self.processes[f"server-{number}"].pid).children()
        return worker.pid

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def kill_everything(self) -> None:
        """Every process of the portal at once, its database's server included."""
        victims = [psutil.Process(process.pid) for process in self.processes.values()]
        if self.postgres:
            victims.append(self.postgres.process)
        victims += [child for victim in victims for child in victim.children(recursive=True)]
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()
        psutil.wait_procs(victims)

    def start_everything(self) -> None:
        """What `start` does, on the data that is there."""
        if self.postgres:
            self.postgres.start_again()
        self.start_valkey()
        for number in range(len(self.server_ports)):
            self.start_server(number)
        self.start_worker()
        self.start_reader()
        self.start_caddy()
        eventually(self.is_ready, f"the portal behind {self.origin}: {self.log('server-0')}")

    def start_valkey(self) -> None:
        self.processes["valkey"] = valkey.start(self.folder)

    def start_worker(self) -> None:
        self.start_process("worker", "-m", "flask", "--app", "wsgi", "worker")

    def start_reader(self) -> None:
        self.start_process("reader", "-m", "flask", "--app", "wsgi", "reader")

    def is_held(self, document_id: int) -> bool:
        """Whether somebody holds the document's head for longer than a living process does."""
        engine = sa.create_engine(self.database_url)
        held = sa.text("SELECT seq FROM doc_heads WHERE doc_id = :document FOR UPDATE")
        try:
            with engine.connect() as connection:
                connection.execute(sa.text("SET lock_timeout = '150ms'"))
                connection.execute(held, {"document": document_id})
            return False
        except sa.exc.OperationalError:  # the time is up
            return True
        finally:
            engine.dispose()

    def answers(self) -> bool:
        """Whether Caddy passes a living server on."""
        try:
            return requests.get(f"{self.origin}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def fill_disk(self) -> None:
        """No file of the portal's processes can grow past what their logs need: the database's log is far longer.

        The kernel answers every write beyond with "file too large", as a full disk does with "no space left".
        """
        logs = max((path.stat().st_size for path in self.folder.glob("*.log")), default=0)
        self._limit_files(logs + 60_000)

    def empty_disk(self) -> None:
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, size: int) -> None:
        for pid in self._writing():
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

    def _writing(self) -> Iterable[int]:
        for name in (*self.servers, "worker", "reader"):
            process = psutil.Process(self.processes[name].pid)
            yield from (process.pid, *(child.pid for child in process.children(recursive=True)))

    def log_sizes(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self.folder.glob("*.log")}

    def logged_since(self, sizes: dict[Path, int]) -> dict[str, str]:
        """What each process wrote since `log_sizes` answered so."""
        logs = {}
        for path in sorted(self.folder.glob("*.log")):
            with path.open("rb") as file:
                file.seek(sizes.get(path, 0))
                logs[path.stem] = file.read().decode(errors="replace")
        return logs
