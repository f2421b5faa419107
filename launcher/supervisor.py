"""`bin/run`: checks, Valkey, migrations, facts and sample, then server, worker and reader; restarts one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from types import FrameType

from launcher import checks, preparation, valkey
from launcher.children import Child, Children
from launcher.environment import ROOT
from launcher.words import Refusal, refuse, step

READY_SECONDS = 60.0


def main() -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM."""
    children = Children(watched=bool(os.environ.get("PORTAL_WATCHER")) or not sys.platform.startswith("linux"))
    try:
        place = checks.Place.from_env()
        checks.run(place)
        stop_on_signals()
        start(children, place)
        children.watch()
    except Refusal as refusal:
        children.stop()
        refuse(refusal)
    except (KeyboardInterrupt, Stopped):
        print("\nStopping ...", flush=True)
    finally:
        children.stop()


class Stopped(Exception):  # noqa: N818  # a request, not a fault
    """Ctrl-C, SIGTERM or SIGHUP arrived."""


def stop_on_signals() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    # Ctrl-C by name too: a shell that starts this in the background leaves SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def start(children: Children, place: checks.Place) -> None:
    """Bring the parts up in the order in which they need each other. Raises Refusal."""
    environment = {**os.environ, "PORTAL_INSTANCE": str(place.instance), "PYTHONUNBUFFERED": "1"}
    if not place.redis_url:
        step("Starting a private Valkey")
        environment["REDIS_URL"] = f"unix://{place.instance / 'valkey.sock'}"
        children.add(Child("valkey", lambda: start_valkey(place.instance)))
    preparation.run(place, environment)
    step("Starting server, worker and reader")
    for name, command in commands(place).items():
        children.add(Child(name, partial(start_python, command, environment)))
    wait_until_ready(place, children)
    announce(place)


def start_valkey(instance: Path) -> subprocess.Popen[bytes]:
    try:
        return valkey.start(instance, log=instance / "valkey.log")
    except valkey.ValkeyError as error:
        raise Refusal(str(error)) from error


def commands(place: checks.Place) -> dict[str, list[str]]:
    """The three processes, as arguments to the environment's Python."""
    flask = ["-m", "flask", "--app", "wsgi"]
    return {
        "server": ["-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", place.address, "wsgi:app"],
        "worker": [*flask, "worker"],
        "reader": [*flask, "reader"],
    }


def start_python(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own command line
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=valkey.die_with_parent(),  # noqa: PLW1509  # one prctl call, safe before exec
        start_new_session=True,  # Ctrl-C reaches this process only, which then ends them in order
    )


def wait_until_ready(place: checks.Place, children: Children) -> None:
    """Poll /readyz. Raises Refusal when a part keeps dying or a minute passes."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        children.restart_dead()
        try:
            with urllib.request.urlopen(f"http://{place.address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    raise Refusal(f"The server did not become ready within {READY_SECONDS:.0f} s; its messages are above.")


def announce(place: checks.Place) -> None:
    """The address, the sample's sign-ins, and where development's mail goes."""
    origin = os.environ.get("PORTAL_ORIGIN") or f"http://localhost:{place.port}"
    print(f"\nThe portal runs at {origin}", flush=True)
    if place.is_development:
        sign_ins = place.instance / "sample-sign-ins.txt"
        if sign_ins.exists():
            print("\nSign-ins of the sample network (invented people):\n" + sign_ins.read_text(encoding="utf-8"))
        print(f"Mail that the portal sends lands at {origin}/mailbox")
    print("Ctrl-C ends it.\n", flush=True)


if __name__ == "__main__":
    main()
