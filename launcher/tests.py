"""`bin/test`: installs what the tests need, starts PostgreSQL once, and runs each part with its time.

quick      SQLite, no browser, no second process: under 90 s
postgres   the same on PostgreSQL
processes  several real server processes
browser    real browsers
faults     what breaks while six tabs type; alone it takes --runs N, --fault F (several times) and --traces FOLDER,
           and adds what it finds to bench/results/faults.json
(none)     all of these, each fault once
-- ...     pytest with these arguments
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from launcher.environment import ROOT
from launcher.words import Refusal, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLOW = "browser or processes or faults"
# These share running portals, and what one story leaves behind the next one finds: the order is the one written down.
AS_WRITTEN = ("-p", "no:randomly")


@dataclass(frozen=True)
class Part:
    """One pytest run: its name, its arguments, and whether it needs a browser or Node."""

    name: str
    arguments: tuple[str, ...]
    needs_browser: bool = False
    needs_node: bool = False


QUICK = Part("quick", ("-m", f"not ({SLOW})", "-n", "2"), needs_node=True)
ON_POSTGRES = Part("on PostgreSQL", ("-m", f"not ({SLOW}) and not any_database", "-n", "2", "--database", "postgres"))
PROCESSES = Part("processes", ("-m", "processes and not browser and not faults", *AS_WRITTEN))
BROWSER = Part("browsers", ("-m", "browser", *AS_WRITTEN), needs_browser=True, needs_node=True)
FAULTS = Part("faults", ("tests/faults", *AS_WRITTEN), needs_node=True)
RESULTS = ("--results", str(ROOT / "bench" / "results" / "faults.json"))
PLANS = {
    "": (QUICK, ON_POSTGRES, PROCESSES, BROWSER, FAULTS),
    "quick": (QUICK,),
    "postgres": (ON_POSTGRES,),
    "processes": (PROCESSES,),
    "browser": (BROWSER,),
    "faults": (FAULTS,),
}


def main(arguments: list[str]) -> int:
    """Run the plan that was asked for; the exit code is 0 when every part is green."""
    if arguments[:1] == ["--"]:
        return run_part(Part("pytest", tuple(arguments[1:])))
    name, *options = arguments or [""]
    if name not in PLANS or (options and name != "faults"):
        print(f"bin/test knows: {', '.join(filter(None, PLANS))}, nothing at all, or -- and pytest's own arguments.")
        return 2
    plan = PLANS[name]
    if name == "faults":
        plan = (replace(FAULTS, arguments=(*FAULTS.arguments, *RESULTS, *options)),)
    try:
        prepare(plan)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    with one_postgres() if len(plan) > 1 else nullcontext():
        results = [(part.name, *timed(part)) for part in plan]
    print(
        "\n"
        + "\n".join(f"{'ok  ' if code == 0 else 'FAIL'} {seconds:6.0f} s  {part}" for part, code, seconds in results)
    )
    return max(code for _, code, _ in results)


def prepare(plan: tuple[Part, ...]) -> None:
    """Node's packages and a browser, where this plan uses them. Raises Refusal."""
    if any(part.needs_node for part in plan):
        install_node_packages()
    if any(part.needs_browser for part in plan) and not any(map(shutil.which, BROWSERS)):
        install_chromium()


def install_node_packages() -> None:
    """What `frontend/package-lock.json` names, unless it is there already. Raises Refusal."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Refusal("The tests need Node 20 or newer with npm; install it and try again.")
    if subprocess.run([ROOT / "bin" / "vendor", "--install"], cwd=ROOT, check=False).returncode:  # noqa: S603  # our own
        raise Refusal("Node's packages could not be installed; the reason is above.")


def install_chromium() -> None:
    """Debian's Chromium by apt, where this account may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Refusal("The browser tests need Chromium. Install it (Debian: apt-get install chromium) and try again.")
    step("Installing Chromium")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:  # noqa: S603  # fixed words
            raise Refusal("Chromium could not be installed by apt; its reason is above.")


@contextmanager
def one_postgres() -> Iterator[None]:
    """One server for every part and test worker, each with databases of its own: starting one takes four seconds."""
    from tests import services  # noqa: PLC0415  # needs the packages whose presence was made sure of just now

    with services.postgres() as address:
        os.environ[services.SHARED] = address
        yield
        del os.environ[services.SHARED]


def timed(part: Part) -> tuple[int, float]:
    started = time.monotonic()
    code = run_part(part)
    return code, time.monotonic() - started


def run_part(part: Part) -> int:
    """One pytest run; its output is the person's."""
    step(f"Tests: {part.name}")
    command = [sys.executable, "-m", "pytest", *part.arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  # our own command line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
