"""The other servers and every client, in exact versions, in a cache folder that is not committed.

Node's packages come from peers/package-lock.json, pycrdt-websocket from peers/requirements.txt into an environment of
its own. Both are installed at the first use and whenever those files change.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from launcher.environment import ROOT
from launcher.words import Refusal, step

SOURCE = Path(__file__).parent / "peers"
CACHE = ROOT / "bench" / ".peers"
PYTHON = CACHE / "python" / "bin" / "python"
NODE = ["node", "--import", str(Path(__file__).parent / "driver" / "register.mjs")]
BUILT = ("better-sqlite3", "leveldown")  # npm runs no install scripts unasked


def install() -> None:
    """Make sure of everything. Raises Refusal with the reason."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Refusal("bin/bench live needs Node 20 or newer with npm; install it and try again.")
    once(CACHE / "node", ("package.json", "package-lock.json"), install_node)
    once(CACHE / "python", ("requirements.txt",), install_python)


def once(folder: Path, names: tuple[str, ...], make: object) -> None:
    """Call `make` unless the folder was made from the same files."""
    wanted = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in names)).hexdigest()
    note = folder / ".made-from"
    if note.exists() and note.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(folder)  # type: ignore[operator]
    note.write_text(wanted)


def install_node(folder: Path) -> None:
    """What the lock file names; two packages are built, which no script may do unasked."""
    step("Installing the other servers (a minute)")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder)
    call(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder)
    call(["npm", "rebuild", *BUILT, "--ignore-scripts=false"], folder)
    call(["node", "--eval", "new (require('better-sqlite3'))(':memory:'); require('leveldown')"], folder)


def install_python(folder: Path) -> None:
    """An environment with pycrdt-websocket and nothing of ours."""
    step("Installing pycrdt-websocket")
    venv.create(folder, with_pip=True, symlinks=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    call([*command, "-r", str(SOURCE / "requirements.txt")], folder)


def call(command: list[str], folder: Path) -> None:
    """Run it. Raises Refusal with its last words."""
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"{' '.join(command[:2])} failed: {(done.stderr or done.stdout)[-1500:]}")


def versions() -> dict[str, str]:
    """What is measured, by name."""
    wanted = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    lines = (SOURCE / "requirements.txt").read_text().splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {
        "node": node,
        "python": sys.version.split()[0],
        **wanted,
        **{name: pinned[name] for name in ("pycrdt-websocket", "pycrdt-store", "pycrdt", "uvicorn")},
    }
