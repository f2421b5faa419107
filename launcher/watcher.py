"""Where the kernel does not end children with their parent: a process that waits for the parent to vanish.

The supervisor holds the other end of this process's standard input and writes a line for each child that it
starts. When the supervisor dies, however it dies, the pipe closes and what it left behind is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys


def start() -> subprocess.Popen[str]:
    """Start the watcher; `note` tells it of children."""
    return subprocess.Popen(  # our own command line
        [sys.executable, "-m", "launcher.watcher"], stdin=subprocess.PIPE, text=True, start_new_session=True
    )


def note(watcher: subprocess.Popen[str], pid: int) -> None:
    """Tell the watcher of a child, or by a negative number that it has ended (its number may be another's soon)."""
    assert watcher.stdin is not None  # noqa: S101  # start() opened it
    watcher.stdin.write(f"{pid}\n")
    watcher.stdin.flush()


def main() -> None:
    """Collect process ids until the pipe closes, then end those that still run."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    pids: dict[int, None] = {}
    for line in sys.stdin:
        if int(line) > 0:
            pids[int(line)] = None
        else:
            pids.pop(-int(line), None)
    for pid in reversed(pids):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
