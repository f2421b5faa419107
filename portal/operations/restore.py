"""`flask restore`: a backup becomes this instance, if it is whole and the instance is empty; else nothing changes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.clock import utcnow
from portal.config import Settings
from portal.extensions import db
from portal.operations import postgres
from portal.operations.archive import (
    CHUNK,
    DATABASES,
    FILES,
    MANIFEST,
    SECRET_KEY,
    Manifest,
    OperationError,
    files_folder,
    known_migrations,
    opened,
)
from portal.operations.backup import keep_name, sqlite_migration

# Tabs and devices know more of a document than an older log does, and would be sent what comes after a place that is
# another one now. In a new epoch (minutes since 1970, so that no two restores share one) they begin anew.
NEW_EPOCHS = tuple(
    f"UPDATE {table} SET epoch = CASE WHEN epoch < :now THEN :now ELSE epoch + 1 END"  # noqa: S608  # our own names
    for table in ("doc_heads", "doc_states")
)


def make(path: Path) -> Manifest:
    """Fill this empty instance from `path`, whole or not at all. Raises OperationError.

    Everything is written beside its place and checked there; the database comes last, so that nothing serves before.
    """
    settings: Settings = current_app.extensions["settings"]
    files = files_folder(settings)
    try:
        with opened(path) as (tar, members), ExitStack() as undo:
            manifest = read_manifest(tar, members)
            check_fit(manifest, settings)
            check_empty(settings, files)
            stage = Stage(settings, files, undo)
            stage.check_space(manifest)
            for name in manifest.members:
                stage.extract(tar, members[name], manifest.members[name].sha256)
            stage.place(manifest)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise OperationError(f"Nothing was restored: {error}") from error
    return manifest


def read_manifest(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    """The manifest, once it names exactly what is there, with its sizes. Raises OperationError."""
    file = tar.extractfile(members[MANIFEST]) if MANIFEST in members else None
    if file is None:
        raise OperationError("The backup has no manifest: it was cut off, or is no backup.")
    manifest = Manifest.from_json(file.read())
    found = {name: member.size for name, member in members.items() if name != MANIFEST}
    if found != {name: entry.size for name, entry in manifest.members.items()}:
        raise OperationError("The backup does not hold what its manifest names; it is damaged.")
    return manifest


def check_fit(manifest: Manifest, settings: Settings) -> None:
    """This code can read that database. Raises OperationError."""
    kind = "sqlite" if settings.is_sqlite else "postgresql"
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    if manifest.database != kind:
        theirs = names.get(manifest.database, "another kind of database")
        raise OperationError(f"The backup is of {theirs}, this instance uses {names[kind]}; set DATABASE_URL to match.")
    if {name for name in manifest.members if name in DATABASES.values()} != {DATABASES[kind]}:
        raise OperationError("The backup does not hold the database that its manifest names.")
    if manifest.migration not in known_migrations():
        raise OperationError(
            f"The backup is at migration {manifest.migration!r}, which this portal does not know: "
            f"it was made by another release ({manifest.portal!r}). Restore with that release."
        )


def check_empty(settings: Settings, files: Path) -> None:
    """Raises OperationError unless there is neither a table nor a file that a restore could cover."""
    if settings.is_sqlite:
        full = holds_sqlite(Path(str(db.engine.url.database)))
    else:
        with db.engine.connect() as connection:
            query = (
                "SELECT count(*) FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            full = bool(connection.execute(sa.text(query)).scalar())
    if full:
        raise OperationError(
            "The database of this instance is not empty. A backup is restored into a new instance only: "
            "set PORTAL_INSTANCE (and DATABASE_URL) to an empty one."
        )
    if files.exists() and any(files.iterdir()):
        raise OperationError(f"The folder {files} is not empty. A backup is restored into a new instance only.")


def holds_sqlite(path: Path) -> bool:
    """Whether there is a database with tables, or the log of one, which would be read into the restored."""
    if any(side.exists() and side.stat().st_size for side in sides(path)):
        return True
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def sides(path: Path) -> list[Path]:
    """What SQLite keeps beside a database."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


class Stage:
    """What was taken out of the tar and has not its place yet; `undo` removes whatever was not placed."""

    def __init__(self, settings: Settings, files: Path, undo: ExitStack) -> None:
        self.settings, self.files, self.undo = settings, files, undo
        self.database = Path(str(db.engine.url.database)) if settings.is_sqlite else settings.instance / "portal"
        self.folder = self._made_in(self.database.parent)
        # Among the files themselves: these may be a disk of their own, and renaming does not cross disks.
        self.files_stage = self._made_in(files)

    def _made_in(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder, prefix=".restore-"))
        self.undo.callback(shutil.rmtree, made)
        return made

    def check_space(self, manifest: Manifest) -> None:
        """Raises OperationError when a disk has too little room."""
        in_files = sum(entry.size for name, entry in manifest.members.items() if name.startswith(FILES))
        rest = sum(entry.size for entry in manifest.members.values()) - in_files
        is_one_disk = self.folder.stat().st_dev == self.files_stage.stat().st_dev
        needs = (
            ((self.folder, rest + in_files),) if is_one_disk else ((self.folder, rest), (self.files_stage, in_files))
        )
        for folder, needed in needs:
            free = shutil.disk_usage(folder).free
            if free < needed:
                raise OperationError(f"{folder.parent} has {free} bytes free; the backup needs {needed}.")

    def extract(self, tar: tarfile.TarFile, member: tarfile.TarInfo, sha256: str) -> None:
        """One member, on disk, if its hash is right. Raises OperationError."""
        is_file = member.name.startswith(FILES)
        target = self.files_stage / member.name.removeprefix(FILES) if is_file else self.folder / member.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source, digest = tar.extractfile(member), hashlib.sha256()
        assert source is not None  # noqa: S101  # members_of let only plain files through
        with source, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while content := source.read(CHUNK):
                digest.update(content)
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            raise OperationError(f"{member.name!r} is not what was backed up; the backup is damaged.")

    def place(self, manifest: Manifest) -> None:
        """Everything to its place, the database last; what fails here puts the rest back."""
        if self.settings.is_sqlite and sqlite_migration(self.folder / DATABASES["sqlite"]) != manifest.migration:
            raise OperationError("The database is at another migration than the manifest says.")
        with ExitStack() as back:
            self._place_files(back)
            if SECRET_KEY in manifest.members:
                self._place_secret_key(back)
            if self.settings.is_sqlite:
                self._place_sqlite()
            else:
                self._place_postgres()
            back.pop_all()
        # `bin/run` would else believe that it prepared this very database.
        (self.settings.instance / "prepared.json").unlink(missing_ok=True)

    def _place_files(self, back: ExitStack) -> None:
        for staged in sorted(self.files_stage.iterdir()):
            placed = self.files / staged.name
            staged.rename(placed)
            back.callback(placed.rename, staged)
        keep_name(self.files)

    def _place_secret_key(self, back: ExitStack) -> None:
        placed = self.settings.instance / "secret_key"
        before = self.folder / "secret_key.before"
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(placed, before)
            back.callback(shutil.copy2, before, placed)
        shutil.copy2(self.folder / SECRET_KEY, placed)

    def _place_postgres(self) -> None:
        """pg_restore's transaction is its own, so what follows it is another. Raises OperationError."""
        postgres.restore(self.folder / DATABASES["postgresql"])
        try:
            with db.engine.begin() as connection:
                for statement in NEW_EPOCHS:
                    connection.execute(sa.text(statement), {"now": minutes()})
        except SQLAlchemyError as error:
            raise OperationError(
                f"The database was filled, but its documents could not begin anew ({error}). Do not serve it: "
                "make a new, empty database and restore into that."
            ) from error

    def _place_sqlite(self) -> None:
        staged = self.folder / DATABASES["sqlite"]
        with closing(sqlite3.connect(staged)) as connection, connection:
            for statement in NEW_EPOCHS:
                connection.execute(statement, {"now": minutes()})
        for side in sides(self.database):
            side.unlink(missing_ok=True)
        staged.rename(self.database)
        keep_name(self.database.parent)


def minutes() -> int:
    """Since 1970."""
    return int(utcnow().timestamp()) // 60
