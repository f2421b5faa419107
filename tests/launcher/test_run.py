"""`bin/run` for real: what it starts it also ends, whatever happens to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from launcher.environment import ROOT
from tests.stack import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.processes


def ignore_interrupts() -> None:
    """As a shell does for a command that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Portal:
    """One `bin/run` on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.output = folder.with_suffix(".log")

    def start(self, **variables: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "REDIS", "DATABASE"))}
        environment |= {"PORTAL_INSTANCE": str(self.folder), "PORTAL_PORT": str(self.port), **variables}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "launcher.supervisor"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                preexec_fn=ignore_interrupts,  # noqa: PLW1509  # one call, safe before exec
            )
        eventually(self.is_ready, "the portal's address being printed")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        return "The portal runs at" in self.output.read_text()

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def family(self) -> set[int]:
        """Every living process whose environment names this portal's folder."""
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if str(self.folder).encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue
        return found - {os.getpid()}

    def pids_of(self, word: str) -> set[int]:
        return {pid for pid in self.family() if word in Path(f"/proc/{pid}/cmdline").read_bytes().decode()}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    portal = Portal(tmp_path / "i")
    yield portal
    if portal.process.poll() is None:
        portal.process.terminate()
        portal.process.wait(timeout=30)


def test_ctrl_c_ends_every_child_and_a_second_start_prepares_nothing(portal: Portal) -> None:
    portal.start()
    assert portal.get("/readyz").status_code == 200
    assert "Migrating the database" in portal.output.read_text()
    assert len(portal.family()) >= 5, "supervisor, Valkey, gunicorn and its worker, worker, reader"

    portal.process.send_signal(signal.SIGINT)

    assert portal.process.wait(timeout=30) == 0
    assert portal.family() == set()

    portal.output.write_text("")
    portal.start()
    assert portal.get("/readyz").status_code == 200
    assert "Migrating" not in portal.output.read_text()


@pytest.mark.parametrize("watcher", ["", "1"], ids=["by the kernel", "by the watcher"])
def test_a_killed_parent_leaves_no_orphan(portal: Portal, watcher: str) -> None:
    portal.start(PORTAL_WATCHER=watcher)
    assert portal.family() - {portal.process.pid}

    portal.process.kill()
    portal.process.wait()

    eventually(lambda: portal.family() == set(), "the children ending by themselves")


def test_a_part_that_dies_is_started_again(portal: Portal) -> None:
    portal.start()
    for word in ("reader", "worker", "valkey-server", "gunicorn"):
        before = portal.pids_of(word)
        assert before, word
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        eventually(partial(others, portal, word, before), f"a new {word}")
    eventually(lambda: serves(portal), "the portal serving again")
    assert re.search(r"The reader stopped \(exit code -9\)", portal.output.read_text())


def others(portal: Portal, word: str, former: set[int]) -> set[int]:
    return portal.pids_of(word) - former


def serves(portal: Portal) -> bool:
    try:
        return portal.get("/readyz").json()["status"] == "ok"
    except requests.RequestException:
        return False
