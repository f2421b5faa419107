"""PostgreSQL's own programs: pg_dump and pg_restore, found, and called without the password in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from portal.extensions import db
from portal.operations.archive import OperationError

# pg_dump would else wait for ever behind somebody's ALTER TABLE.
DUMP = ("--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s")
# One transaction: all of it or nothing.
RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")


def dump(to: Path) -> None:
    """Write one snapshot of the current database to `to`; writers are not held up. Raises OperationError."""
    run("pg_dump", *DUMP, f"--file={to}")


def restore(dumped: Path) -> None:
    """Fill the current database, or leave it as it was. Raises OperationError."""
    run("pg_restore", *RESTORE, str(dumped))


def run(name: str, *arguments: str) -> None:
    """Call one of the programs on the current database. Raises OperationError with its own first words."""
    url = db.engine.url
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603  # found by us, and no shell
        [program(name), *arguments[:-1], f"--dbname={address}", arguments[-1]],
        env={**os.environ, **password, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip() or "no reason")
        raise OperationError(f"{name} could not do it: {said.strip()}")


def program(name: str) -> str:
    """The first one on PATH or next to the server that is not older than the server. Raises OperationError."""
    server, folder = about_the_server()
    beside = (str(folder), f"/usr/lib/postgresql/{server}/bin", f"/usr/pgsql-{server}/bin")
    for path in filter(None, [shutil.which(name), *(shutil.which(name, path=folder) for folder in beside)]):
        if release_of(path) >= server:
            return path
    raise OperationError(
        f"No {name} of PostgreSQL {server} or newer is on PATH or next to the server. "
        f"Install its client programs (Debian: postgresql-client-{server})."
    )


def about_the_server() -> tuple[int, Path | str]:
    """Its major release, and the folder of its programs where this account may ask for it."""
    with db.engine.connect() as connection:
        major = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10_000
        try:
            folder = connection.execute(sa.text("SELECT setting FROM pg_config WHERE name = 'BINDIR'")).scalar()
        except DBAPIError:
            folder = None
    return major, Path(folder) if folder else ""


def release_of(path: str) -> int:
    """The major release of a program; 0 when it does not say."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603  # found by us
    found = re.search(r"\)\s+(\d+)", said)
    return int(found[1]) if found else 0
