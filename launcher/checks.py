"""What is looked at before anything starts, so that each thing that can be wrong has its own sentence."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from launcher.environment import ROOT
from launcher.words import Refusal

REDIS_PORT = 6379


@dataclass(frozen=True)
class Place:
    """Where this portal runs, read from the same variables as `portal.config`, without importing it."""

    instance: Path
    host: str
    port: int
    redis_url: str
    database_url: str
    is_development: bool

    @classmethod
    def from_env(cls) -> Place:
        """Raises Refusal for a port that is no number."""
        env = os.environ
        port = env.get("PORTAL_PORT") or "8450"
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise Refusal(f"PORTAL_PORT is '{port}'. It must be a number from 1 to 65535.")
        return cls(
            instance=Path(env.get("PORTAL_INSTANCE") or ROOT / "instance").resolve(),
            host=env.get("PORTAL_HOST", "127.0.0.1"),
            port=int(port),
            redis_url=env.get("REDIS_URL", ""),
            database_url=env.get("DATABASE_URL", ""),
            is_development=env.get("PORTAL_ENV", "development") == "development",
        )

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in ("127.0.0.1", "localhost", "::1")


def run(place: Place) -> None:
    """Every check in turn. Raises Refusal at the first that fails."""
    check_folder(place.instance)
    take_folder(place.instance)
    check_port(place)
    if place.redis_url:
        check_redis(place.redis_url)


def check_folder(instance: Path) -> None:
    """The instance folder can be made and written."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=instance):
            pass
    except OSError as error:
        raise Refusal(
            f"The folder {instance} cannot be written ({error.strerror}). Set PORTAL_INSTANCE to one that can."
        ) from error


def take_folder(instance: Path) -> None:
    """Hold the folder for this process's life: two portals in one would end each other's Valkey and database."""
    lock = os.open(instance / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refusal(
            f"Another portal runs in the folder {instance}, or is just stopping. "
            "Stop it first, or set PORTAL_INSTANCE to another folder."
        ) from error


def check_port(place: Place) -> None:
    """Nobody listens at the address yet."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(
                    f"Port {place.port} is taken: another program, or another portal, listens there. "
                    "Stop it, or set PORTAL_PORT."
                ) from error
            raise Refusal(f"The address {place.address} cannot be used ({error.strerror}). Set PORTAL_HOST.") from error


def check_redis(url: str) -> None:
    """REDIS_URL answers. Only whether something talks there; a wrong password shows in `bin/doctor`."""
    parts = urlsplit(url)
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(parts.path)
        else:
            with socket.create_connection((parts.hostname or "localhost", parts.port or REDIS_PORT), timeout=2):
                pass
    except OSError as error:
        where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or REDIS_PORT}"
        raise Refusal(
            f"No Redis answers at {where} ({error.strerror or error}). Start it, or unset REDIS_URL for a private one."
        ) from error
