"""The child processes: started in order, restarted when one dies, ended in reverse order."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from launcher import watcher
from launcher.words import Refusal, step

STOP_SECONDS = 10.0
QUICK_DEATH_SECONDS = 5.0
MAX_QUICK_DEATHS = 5
LOOK_EVERY_SECONDS = 0.25


@dataclass
class Child:
    """One part of the portal and how to start it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_deaths: int = field(default=0)

    def launch(self) -> None:
        self.process = self.start()
        self.started_at = time.monotonic()

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Children:
    """All of them, in the order in which they were started."""

    def __init__(self, *, watched: bool) -> None:
        self.children: list[Child] = []
        # Linux ends children with their parent by itself (valkey.die_with_parent).
        self.watcher = watcher.start() if watched else None

    def add(self, child: Child) -> None:
        self._launch(child)
        self.children.append(child)

    def _launch(self, child: Child) -> None:
        child.launch()
        if self.watcher is not None and child.process is not None:
            watcher.note(self.watcher, child.process.pid)

    def watch(self) -> None:
        """Stay, and restart what dies. Raises Refusal when a part dies at once again and again."""
        while True:
            self.restart_dead()
            time.sleep(LOOK_EVERY_SECONDS)

    def restart_dead(self) -> None:
        for child in self.children:
            if child.is_dead:
                self._restart(child)

    def _restart(self, child: Child) -> None:
        assert child.process is not None  # noqa: S101  # is_dead says so
        lived = time.monotonic() - child.started_at
        child.quick_deaths = child.quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
        if child.quick_deaths >= MAX_QUICK_DEATHS:
            raise Refusal(f"The {child.name} stopped {MAX_QUICK_DEATHS} times at once; its messages are above.")
        step(f"The {child.name} stopped (exit code {child.process.returncode}); starting it again")
        time.sleep(min(0.2 * 2**child.quick_deaths, 5.0))
        if self.watcher is not None:
            watcher.note(self.watcher, -child.process.pid)
        self._launch(child)

    def stop(self) -> None:
        """End them in reverse order: the server drains while Valkey still carries its last words."""
        living = [c.process for c in reversed(self.children) if c.process is not None and c.process.poll() is None]
        valkey_last = living[-1:] if self.children and self.children[0].name == "valkey" else []
        self._end([process for process in living if process not in valkey_last])
        self._end(valkey_last)
        self.children.clear()
        if self.watcher is not None and self.watcher.stdin is not None:
            self.watcher.stdin.close()
            self.watcher.wait()
            self.watcher = None

    @staticmethod
    def _end(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
