"""What a backup is: one plain tar of the database, the files and, last, a manifest with the hash of each member."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portal.config import ROOT, Settings

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
SECRET_KEY = "secret_key"  # noqa: S105  # a name
FILES = "files/"

CHUNK = 1 << 20  # bytes
MAX_READ = 1 << 26  # bytes; what is read at once: a header that claims more is no header of ours
MAX_FILE = 1 << 30  # bytes
MAX_SECRET_KEY = 1 << 12  # bytes
MAX_MEMBERS = 200_000


class OperationError(Exception):
    """A backup or restore that cannot be done; the message is a sentence for the person at the server."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of a member: its size in bytes and its hash in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of a backup: `portal` is the release that made it, `taken_at` an ISO instant in UTC."""

    portal: str
    migration: str
    database: str
    taken_at: str
    members: dict[str, Entry]

    def as_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises OperationError for anything that `as_json` does not write."""
        try:
            found = json.loads(text)
            if found["format"] != FORMAT:
                raise OperationError(f"The backup has format {found['format']}; this portal reads format {FORMAT}.")
            members = {
                str(name): Entry(int(entry["size"]), str(entry["sha256"])) for name, entry in found["members"].items()
            }
            words = {key: str(found[key]) for key in ("portal", "migration", "database", "taken_at")}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise OperationError("The backup's manifest cannot be read; the file is damaged or no backup.") from error
        return cls(**words, members=members)


def check_name(name: str) -> None:
    """A member that a backup may hold. Raises OperationError for all others, above all for ways out of the folder."""
    if name in (MANIFEST, SECRET_KEY, *DATABASES.values()):
        return
    parts = name.removeprefix(FILES).split("/")
    is_plain = not re.search(r"[\x00-\x1f\x7f\\]", name) and all(part not in ("", ".", "..") for part in parts)
    if not name.startswith(FILES) or not is_plain or not _is_text(name):
        raise OperationError(f"{name!r} is no name that a backup may hold.")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_size(name: str, size: int) -> None:
    """The limit of its kind; the database alone has none. Raises OperationError."""
    limits = {MANIFEST: MAX_READ, SECRET_KEY: MAX_SECRET_KEY}
    if size < 0 or (name not in DATABASES.values() and size > limits.get(name, MAX_FILE)):
        raise OperationError(f"{name!r} is larger than a backup may hold ({size} bytes).")


def check_count(before: int) -> None:
    """Whether one more member fits after so many, and the manifest after it. Raises OperationError."""
    if before >= MAX_MEMBERS:
        raise OperationError(f"A backup holds at most {MAX_MEMBERS} files.")


class CarefulFile(io.BufferedReader):
    """A file that is never read in one great piece, whatever a header says of its length."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= MAX_READ:
            raise tarfile.ReadError("a header claims more than a header may hold")
        return super().read(size)


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, dict[str, tarfile.TarInfo]]]:
    """The tar and its members by name, all of them plain files that a backup may hold. Raises OperationError."""
    try:
        with (
            CarefulFile(io.FileIO(path)) as file,
            tarfile.open(fileobj=file, mode="r:", errorlevel=2) as tar,
        ):
            yield tar, members_of(tar)
    except (tarfile.TarError, OverflowError, ValueError) as error:
        raise OperationError(f"{path} is damaged or no backup ({error}).") from error


def members_of(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Raises OperationError for links, devices, folders, sparse and doubled members, odd names and sizes."""
    members: dict[str, tarfile.TarInfo] = {}
    for member in tar:
        check_name(member.name)
        check_size(member.name, member.size)
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise OperationError(f"{member.name!r} is no plain file; a backup holds nothing else.")
        if member.name in members:
            raise OperationError(f"{member.name!r} is in the backup twice.")
        check_count(len(members))
        members[member.name] = member
    return members


def files_folder(settings: Settings) -> Path:
    """Where the portal keeps its files. Raises OperationError when that is no folder."""
    parts = urlsplit(settings.files_url)
    if parts.scheme != "file":
        raise OperationError(f"FILES_URL begins with {parts.scheme}:, only file: can be backed up and restored.")
    return Path(unquote(parts.path))


def known_migrations() -> set[str]:
    """Those that this code has."""
    return {path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")}
