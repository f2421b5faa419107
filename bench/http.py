"""`bin/bench http`: time to first byte of each page, as a ratio to a bare Flask answer on the same server set-up.

Interleaved on one connection each, signed in, medians; prints a table and writes bench/results/http.json. The clock's
ratio is the bar and needs a quiet machine; on a busy one the ratio of processor times stays true. Linux only.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from bench.corpus import Corpus, Generator, Size
from launcher import valkey
from launcher.environment import ROOT
from portal import create_app, migrating
from portal.accounts.actions import start_session
from portal.accounts.identity import COOKIE_KEY
from portal.accounts.models import User
from portal.extensions import db
from portal.transaction import commit, writing

RESULTS = ROOT / "bench" / "results" / "http.json"
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page, its goal and its limit (ratio to a bare answer, statements); None where nothing was set."""

    name: str
    path: str
    signed_in: bool = True
    ratio: tuple[int, int] | None = None
    statements: tuple[int, int] | None = None


def pages_of(corpus: Corpus) -> list[Page]:
    """What is measured; goals and limits are those of the project's bars."""
    long, longest = f"/boards/threads/{corpus.long_thread}", f"/boards/threads/{corpus.longest_thread}"
    thread: dict[str, Any] = {"ratio": (8, 12), "statements": (6, 10)}
    return [
        Page("home", "/", signed_in=False),
        Page("sign-in", "/sign-in", signed_in=False),
        Page("desk", "/"),
        Page("members", "/members"),
        Page("board index", "/boards", ratio=(7, 12), statements=(5, 6)),
        Page("thread list", f"/boards/{corpus.board_slug}", ratio=(8, 12), statements=(5, 8)),
        Page("thread of 300, first page", f"{longest}?page=1", **thread),
        Page("thread of 300, last page", f"{longest}?page=15", **thread),
        Page("thread of 10,000, first page", f"{long}?page=1", **thread),
        Page("thread of 10,000, last page", f"{long}?page=500", **thread),
        Page("application workspace", corpus.section, ratio=(12, 20), statements=(10, 12)),
    ]


def main(arguments: list[str]) -> int:
    """Measure, print, write. The exit code says nothing about speed: a figure needs a quiet machine."""
    parser = argparse.ArgumentParser(prog="bin/bench http")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--small", action="store_true", help="a tenth of the corpus, for a quick look")
    asked = parser.parse_args(arguments)
    size = Size(threads=200, posts=5_000) if asked.small else Size()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        report = measure(Path(folder), size, asked.rounds)
    show(report)
    if not asked.small:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def measure(folder: Path, size: Size, rounds: int) -> dict[str, Any]:
    """Build the corpus in `folder`, serve it beside the bare answer, and time both."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))},
        "PORTAL_INSTANCE": str(folder),
        "PORTAL_PORT": str(free_port()),
        "REDIS_URL": f"unix://{folder / 'valkey.sock'}",
    }
    broker = valkey.start(folder)
    try:
        print("Building the corpus ...", flush=True)
        corpus, cookie, counts = prepare(environment, size)
        with served("wsgi:app", int(environment["PORTAL_PORT"]), environment) as portal:
            with served("bench.hello:app", free_port(), environment) as bare:
                print(f"Measuring, {rounds} rounds ...", flush=True)
                times = interleaved(corpus, portal, bare, cookie, rounds)
            memory = pss_of(portal.worker)
    finally:
        broker.terminate()
        broker.wait()
    return {"machine": machine(), "size": asdict(size), "rounds": rounds, "worker_pss_mb": memory} | results(
        corpus, times, counts
    )


def prepare(environment: dict[str, str], size: Size) -> tuple[Corpus, str, dict[str, int]]:
    """The corpus, the reader's cookie, and how many statements each page sends."""
    os.environ.update(environment)
    app = create_app()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        writing()
        migrating.bind(app)
        migrating.upgrade()
        corpus = Generator(size).build()
    cookie = sign_in(app, corpus.reader)
    return corpus, cookie, {page.name: count_statements(app, page, cookie) for page in pages_of(corpus)}


def sign_in(app: Any, user_id: int) -> str:
    """A session of this person as the value of a Cookie header."""
    with app.app_context():
        writing()
        session, secret = start_session(db.session.get_one(User, user_id), own_device=False, agent="bench")
        key = f"{session.id}.{secret}"
        commit()
    signer = app.session_interface.get_signing_serializer(app)
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({COOKIE_KEY: key})}"


def count_statements(app: Any, page: Page, cookie: str) -> int:
    """How many statements the page sends (BEGIN not counted). Raises RuntimeError when it does not answer 200."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        headers = {"Cookie": cookie} if page.signed_in else {}
        answer = app.test_client(use_cookies=False).get(page.path, headers=headers, base_url=origin_of(app))
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.name} ({page.path}) answers {answer.status_code}")
    return len(seen)


def origin_of(app: Any) -> str:
    return str(app.extensions["settings"].origin)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def worker(self) -> int:
        """The process that answers: gunicorn's one child."""
        master = self.process.pid
        [worker, *_] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return int(worker)


@contextmanager
def served(application: str, port: int, environment: dict[str, str]) -> Iterator[Served]:
    """gunicorn as `bin/run` starts it, until the block ends."""
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, application], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield Served(process, port)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of one request: to the first byte by the clock, and on the processor in the answering process."""

    clock: float
    processor: float


def interleaved(corpus: Corpus, portal: Served, bare: Served, cookie: str, rounds: int) -> dict[str, list[Taken]]:
    """What every page and the bare answer took, in another order in each round."""
    connections = [(http.client.HTTPConnection("127.0.0.1", server.port), server.worker) for server in (portal, bare)]
    pages = pages_of(corpus)
    times: dict[str, list[Taken]] = {page.name: [] for page in pages} | {"bare": []}
    shuffler = random.Random(1)
    for number in range(rounds + 5):
        for page in shuffler.sample(pages, len(pages)):
            taken = {
                "bare": ask(*connections[1], "/", ""),
                page.name: ask(*connections[0], page.path, cookie if page.signed_in else ""),
            }
            if number >= 5:  # the first ones compile templates and statements
                for name, one in taken.items():
                    times[name].append(one)
    return times


def ask(connection: http.client.HTTPConnection, worker: int, path: str, cookie: str) -> Taken:
    """One request. Raises RuntimeError when the answer is no page."""
    headers = {"Host": f"localhost:{connection.port}", **({"Cookie": cookie} if cookie else {})}
    processor = processor_time(worker)
    started = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    clock = time.perf_counter() - started
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}")
    return Taken(clock, processor_time(worker) - processor)


def processor_time(process: int) -> float:
    """Seconds that the process has been on a processor; on a busy machine the only figure that tells something."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def medians(taken: list[Taken]) -> Taken:
    return Taken(statistics.median(one.clock for one in taken), statistics.median(one.processor for one in taken))


def results(corpus: Corpus, times: dict[str, list[Taken]], counts: dict[str, int]) -> dict[str, Any]:
    bare = medians(times["bare"])
    rows = []
    for page in pages_of(corpus):
        median = medians(times[page.name])
        rows.append(
            {
                "page": page.name,
                "ms": round(median.clock * 1000, 2),
                "ratio": round(median.clock / bare.clock, 1),
                "processor_ms": round(median.processor * 1000, 2),
                "processor_ratio": round(median.processor / bare.processor, 1),
                "ratio_goal_and_limit": page.ratio,
                "statements": counts[page.name],
                "statements_goal_and_limit": page.statements,
            }
        )
    return {"bare_ms": round(bare.clock * 1000, 3), "bare_processor_ms": round(bare.processor * 1000, 3), "pages": rows}


def show(report: dict[str, Any]) -> None:
    """The table for a person."""
    print(f"\nbare Flask answer: {report['bare_ms']} ms, {report['bare_processor_ms']} ms of processor time")
    print(f"worker: {report['worker_pss_mb']} MB (PSS); load while measuring: {report['machine']['load']}")
    print(f"{'page':30}{'ms':>8}{'ratio':>7}{'cpu ms':>8}{'ratio':>7}  goal (limit)   SQL  goal (limit)")
    for row in report["pages"]:
        ratio, statements = (
            "{} ({})".format(*bounds) if bounds else "-"
            for bounds in (row["ratio_goal_and_limit"], row["statements_goal_and_limit"])
        )
        figures = f"{row['ms']:8.2f}{row['ratio']:7.1f}{row['processor_ms']:8.2f}{row['processor_ratio']:7.1f}"
        print(f"{row['page']:30}{figures}  {ratio:13}{row['statements']:5}  {statements}")


def machine() -> dict[str, Any]:
    """What the figures were taken on; the load is that of the last minute."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def pss_of(worker: int) -> float:
    """Proportional memory of a process, in MB."""
    lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024, 1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
