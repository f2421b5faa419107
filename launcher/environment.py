"""The virtual environment: made once, filled from a requirements file whose hash is noted, then entered.

`python -m launcher.environment run|test|ci|doctor ...` makes sure of the environment and goes on inside it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from launcher.words import Refusal, refuse, step

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
INSIDE = {
    "run": ["launcher.supervisor"],
    "test": ["launcher.tests"],
    "ci": ["launcher.ci"],
    "screenshots": ["tests.screenshots"],
    "bench": ["bench"],
    "doctor": ["flask", "--app", "wsgi", "doctor"],
}
REQUIREMENTS = {
    "run": "requirements.txt",
    "doctor": "requirements.txt",
    "test": "requirements-dev.txt",
    "ci": "requirements-dev.txt",
    "screenshots": "requirements-dev.txt",
    "bench": "requirements-dev.txt",  # PostgreSQL
}


def main(arguments: list[str]) -> None:
    """Make sure of the environment that the command needs, then become that command."""
    command, *rest = arguments
    try:
        python = ensure(REQUIREMENTS[command])
    except Refusal as refusal:
        refuse(refusal)
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", *INSIDE[command], *rest])  # noqa: S606  # our own interpreter


def ensure(requirements: str) -> Path:
    """The environment's interpreter, with the packages of `requirements` installed. Raises Refusal."""
    python = ENVIRONMENT / "bin" / "python"
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    note = ENVIRONMENT / f".{requirements}.sha256"
    if python.exists() and note.exists() and note.read_text() == wanted:
        return python
    if not os.access(ROOT, os.W_OK):
        raise Refusal(f"The folder {ROOT} is read-only, so the virtual environment cannot be made. Copy it elsewhere.")
    if not python.exists():
        step("Making the virtual environment")
        make_environment()
    step(f"Installing the packages of {requirements} (the first time takes a minute)")
    install(python, requirements)
    for stale in ENVIRONMENT.glob(".requirements*.sha256"):
        if requirements == "requirements.txt" or stale == note:
            stale.unlink()
    note.write_text(wanted)
    if requirements == "requirements-dev.txt":  # it holds the other whole
        base = "requirements.txt"
        (ENVIRONMENT / f".{base}.sha256").write_text(hashlib.sha256((ROOT / base).read_bytes()).hexdigest())
    return python


def make_environment() -> None:
    """A fresh .venv with pip. Raises Refusal when this Python lacks the venv module's parts."""
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise Refusal(
            f"The virtual environment could not be made ({error}). On Debian, install python3-venv and try again."
        ) from error


def install(python: Path, requirements: str) -> None:
    """pip install with hashes. Raises Refusal with pip's own last words."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "-r", str(ROOT / requirements)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own command line
    if done.returncode != 0:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "pip gave no reason")
        raise Refusal(f"The packages could not be installed: {last.strip()}")


if __name__ == "__main__":
    main(sys.argv[1:])
