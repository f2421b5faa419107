"""`flask backup`: the database as it is at one instant, the files, and a manifest, in one tar."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.clock import utcnow
from portal.config import ROOT, Settings
from portal.extensions import db
from portal.operations import postgres
from portal.operations.archive import (
    CHUNK,
    DATABASES,
    FILES,
    MANIFEST,
    SECRET_KEY,
    Entry,
    Manifest,
    OperationError,
    check_count,
    check_name,
    check_size,
    files_folder,
)


def make(path: Path, *, with_secret_key: bool = False) -> Manifest:
    """Back this instance up to `path`, whole or not at all, readable by its owner only. Raises OperationError.

    People may go on writing. The database comes first: whatever file it names was there before.
    """
    settings: Settings = current_app.extensions["settings"]
    files = files_folder(settings)
    check_target(path, files)
    try:
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=".backup-"))
        try:
            manifest = write(folder, settings, files, with_secret_key=with_secret_key)
            (folder / "archive").rename(path)
        finally:
            shutil.rmtree(folder)
        keep_name(path.parent)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise OperationError(f"The backup could not be made: {error}") from error
    return manifest


def check_target(path: Path, files: Path) -> None:
    """Raises OperationError where a backup would hide another, or be part of the next."""
    if path.exists():
        raise OperationError(f"{path} is there already; a backup never replaces a file.")
    if path.resolve().is_relative_to(files.resolve()):
        raise OperationError(f"{path} lies among the portal's own files; name another folder.")


def write(folder: Path, settings: Settings, files: Path, *, with_secret_key: bool) -> Manifest:
    """`folder`/archive, on disk when this returns."""
    kind = "sqlite" if settings.is_sqlite else "postgresql"
    name, taken_at = DATABASES[kind], utcnow().isoformat(timespec="seconds")
    migration = (copy_sqlite if settings.is_sqlite else copy_postgres)(folder / name)
    with open(os.open(folder / "archive", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            writer = Writer(tar)
            writer.add_file(name, folder / name)
            (folder / name).unlink()
            for path in plain_files(files):
                writer.add_file(FILES + path.relative_to(files).as_posix(), path)
            if with_secret_key:
                writer.add_bytes(SECRET_KEY, settings.secret_key.encode())
            manifest = Manifest(release(), migration, kind, taken_at, dict(writer.entries))
            writer.add_bytes(MANIFEST, manifest.as_json())
        file.flush()
        os.fsync(file.fileno())
    return manifest


def copy_sqlite(to: Path) -> str:
    """One consistent copy by SQLite's backup API, in one step, so that no writer makes it begin anew; its migration."""
    path = Path(str(db.engine.url.database))
    if not path.exists():
        raise OperationError(f"There is no database at {path} yet.")
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
    return sqlite_migration(to)


def sqlite_migration(path: Path) -> str:
    """Of a file that nobody else has open. Raises OperationError when it was never migrated, or is damaged."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if state != "ok":
                raise OperationError(f"The database is damaged: {state}")
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.Error, TypeError) as error:
        raise OperationError(f"The database cannot be read, or was never migrated ({error}).") from error


def copy_postgres(to: Path) -> str:
    """One snapshot by pg_dump; its migration."""
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            raise OperationError("The database was never migrated; there is nothing to back up.")
        migration = str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar())
    to.touch(mode=0o600)
    postgres.dump(to)
    return migration


@dataclass
class Writer:
    """Adds members to a tar and notes the hash of what was added."""

    tar: tarfile.TarFile
    entries: dict[str, Entry] = field(default_factory=dict)

    def add_file(self, name: str, path: Path) -> None:
        """As long as it is when it is opened; one that was deleted since it was listed is left out."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        check_name(name)
        check_size(name, size)
        check_count(len(self.entries))
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(utcnow().timestamp())
        hashed = Hashed(content)
        self.tar.addfile(member, hashed)
        self.entries[name] = Entry(size, hashed.digest.hexdigest())


@dataclass
class Hashed:
    """A file that is hashed as it is read."""

    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)

    def read(self, size: int = CHUNK) -> bytes:
        content = self.file.read(size)
        self.digest.update(content)
        return content


def plain_files(folder: Path) -> Iterator[Path]:
    """Every file below, in order; links are not followed and not kept."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def release() -> str:
    """The portal's own version."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def keep_name(folder: Path) -> None:
    """The folder's entries are on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
