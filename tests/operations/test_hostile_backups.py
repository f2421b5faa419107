"""A backup that is damaged, cut off or made to harm is refused in a sentence, and nothing is changed."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from portal.operations import archive
from portal.operations.archive import MANIFEST
from portal.web.health import migration_head
from tests.operations.conftest import close, flask, portal_in

pytestmark = pytest.mark.any_database

DATABASE = "database.sqlite"


@pytest.fixture(scope="module")
def made_once(migrated: Path, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of a portal with one file."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copy(migrated, folder / "portal.sqlite")
    (folder / "files").mkdir()
    (folder / "files" / "plan.pdf").write_bytes(b"%PDF")
    app = portal_in(folder, "", valkey_url)
    assert flask(app, "backup", folder / "sound.tar")[0] == 0
    close(app)
    return (folder / "sound.tar").read_bytes()


@pytest.fixture
def sound(made_once: bytes, tmp_path: Path) -> Path:
    """A backup that nobody touched."""
    (tmp_path / "sound.tar").write_bytes(made_once)
    return tmp_path / "sound.tar"


@pytest.fixture
def refused(fresh: Callable[..., Flask], tmp_path: Path) -> Callable[[Path, str], None]:
    """`refused(path, words)`: an empty instance refuses this file with these words and stays as it was."""
    second = fresh("second")
    instance = second.extensions["settings"].instance

    def check(path: Path, words: str) -> None:
        outside = sorted(each for each in tmp_path.rglob("*") if instance not in each.parents)
        code, said = flask(second, "restore", path)
        assert code == 1, said
        assert words in said
        assert len(said.strip().splitlines()) == 1, said
        assert [each for each in instance.rglob("*") if each != instance / "files"] == []
        assert sorted(each for each in tmp_path.rglob("*") if instance not in each.parents) == outside

    return check


def content_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path, "r:") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def written(path: Path, content: dict[str, bytes], *extra: tarfile.TarInfo, mode: str = "w") -> Path:
    """A tar of this content, after the `extra` members."""
    with tarfile.open(path, mode) as tar:
        for member in extra:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
        for name, body in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return path


def with_manifest(content: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """The content with a manifest that fits it, but for the changes: a liar's backup, not a damaged one."""
    manifest = json.loads(content[MANIFEST])
    rest = {name: body for name, body in content.items() if name != MANIFEST}
    manifest["members"] = {
        name: {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in rest.items()
    }
    return {**rest, MANIFEST: json.dumps({**manifest, **changes}).encode()}


def a_member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, size
    return made


@pytest.mark.parametrize("name", [DATABASE, "files/plan.pdf"])
def test_one_changed_byte(sound, refused, tmp_path, name):
    content = content_of(sound)
    body = bytearray(content[name])
    body[len(body) // 2] ^= 1
    refused(written(tmp_path / "bad.tar", {**content, name: bytes(body)}), f"'{name}' is not what was backed up")


@pytest.mark.parametrize(
    ("member", "kept", "words"),
    [
        (DATABASE, 0, "damaged or no backup"),
        (DATABASE, 100, "damaged or no backup"),
        (DATABASE, 70_000, "damaged or no backup"),
        ("files/plan.pdf", 0, "cut off"),
        (MANIFEST, 0, "cut off"),
        (MANIFEST, 600, "damaged or no backup"),
    ],
)
def test_a_cut_off_file(sound, refused, tmp_path, member, kept, words):
    with tarfile.open(sound) as tar:
        end = tar.getmember(member).offset + kept
    (tmp_path / "bad.tar").write_bytes(sound.read_bytes()[:end])
    refused(tmp_path / "bad.tar", words)


def test_a_file_that_is_no_tar(refused, tmp_path):
    (tmp_path / "bad.tar").write_bytes(b"SQLite format 3\0" * 1000)
    refused(tmp_path / "bad.tar", "damaged or no backup")


def test_a_compressed_tar(sound, refused, tmp_path):
    refused(written(tmp_path / "bad.tar", content_of(sound), mode="w:gz"), "damaged or no backup")


@pytest.mark.parametrize(
    "name",
    [
        "/etc/portal",
        "../outside",
        "files/../../outside",
        "files/./plan",
        "files//etc/portal",
        "files/",
        "files/a\\..\\b",
        "files/a\nb",
        "elsewhere/plan",
        "database.dump/x",
    ],
)
def test_a_name_that_leads_elsewhere(sound, refused, tmp_path, name):
    liar = with_manifest({**content_of(sound), name: b"harm"})
    refused(written(tmp_path / "bad.tar", liar), "is no name that a backup may hold")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, DATABASE),
        (tarfile.DIRTYPE, ""),
        (tarfile.FIFOTYPE, ""),
        (tarfile.CHRTYPE, ""),
    ],
)
def test_what_is_no_plain_file(sound, refused, tmp_path, kind, target):
    extra = a_member("files/harm", kind, target)
    refused(written(tmp_path / "bad.tar", content_of(sound), extra), "is no plain file")


def test_a_file_with_holes_that_is_far_larger_than_the_backup(sound, refused, tmp_path):
    extra = a_member("files/harm", size=512)
    extra.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 29)}
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        tar.addfile(extra, io.BytesIO(b"1\n0\n4\n".ljust(512, b"\0")))
    refused(tmp_path / "bad.tar", "is no plain file")


def test_a_member_that_is_there_twice(sound, refused, tmp_path):
    extra = a_member("files/plan.pdf", size=4)
    refused(written(tmp_path / "bad.tar", content_of(sound), extra), "is in the backup twice")


def test_a_member_that_the_manifest_does_not_name(sound, refused, tmp_path):
    extra = a_member("files/more", size=4)
    refused(written(tmp_path / "bad.tar", content_of(sound), extra), "does not hold what its manifest names")


def test_a_member_that_is_larger_than_its_kind_may_be(sound, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 3)
    refused(sound, "is larger than a backup may hold")
    monkeypatch.setattr(archive, "MAX_FILE", 4)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    refused(sound, "A backup holds at most 2 files")


def test_a_header_that_claims_a_gigabyte_is_not_read_into_memory(sound, refused, tmp_path):
    """The names of long members stand in a header of their own, which tarfile reads whole."""
    header = a_member("././@PaxHeader", tarfile.XHDTYPE, size=1 << 30).tobuf()
    (tmp_path / "bad.tar").write_bytes(header + sound.read_bytes())
    refused(tmp_path / "bad.tar", "claims more than a header may hold")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"migration": "9999"}, "which this portal does not know"),
        ({"migration": "0001"}, "another migration than the manifest says"),
        ({"database": "postgresql"}, "The backup is of PostgreSQL, this instance uses SQLite"),
        ({"format": 2}, "has format 2"),
        ({"members": {}}, "does not hold what its manifest names"),
        ({"members": []}, "manifest cannot be read"),
        ({"members": {DATABASE: {"size": "many"}}}, "manifest cannot be read"),
    ],
)
def test_a_manifest_that_does_not_fit(sound, refused, tmp_path, changes, words):
    refused(written(tmp_path / "bad.tar", with_manifest(content_of(sound), **changes)), words)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{" * 20_000, b"[" * 200_000, b"\xff\xfe"])
def test_a_manifest_that_is_none(sound, refused, tmp_path, text):
    refused(written(tmp_path / "bad.tar", {**content_of(sound), MANIFEST: text}), "manifest cannot be read")


def test_no_manifest_and_no_database(sound, refused, tmp_path):
    content = content_of(sound)
    without = {name: body for name, body in content.items() if name != MANIFEST}
    refused(written(tmp_path / "a.tar", without), "has no manifest")
    without = with_manifest({name: body for name, body in content.items() if name != DATABASE})
    refused(written(tmp_path / "b.tar", without), "does not hold the database that its manifest names")


def test_a_database_that_is_none(sound, refused, tmp_path):
    liar = with_manifest({**content_of(sound), DATABASE: b"SQLite format 3\0" + bytes(5000)})
    refused(written(tmp_path / "bad.tar", liar), "The database ")


def test_a_disk_with_too_little_room(sound, refused, monkeypatch):
    monkeypatch.setattr("portal.operations.restore.shutil.disk_usage", lambda _: type("Usage", (), {"free": 4096}))
    refused(sound, "has 4096 bytes free")


def test_the_log_of_another_database_is_not_read_into_the_restored(sound, fresh, tmp_path):
    second = fresh("second")
    side = second.extensions["settings"].instance / "portal.sqlite-wal"
    side.write_bytes(b"left over")
    code, said = flask(second, "restore", sound)
    assert (code, "is not empty" in said) == (1, True)
    assert side.read_bytes() == b"left over"


def test_what_was_placed_is_taken_back_when_the_database_cannot_be(sound, fresh, tmp_path):
    """A database that is one, at the right migration, and has no documents: the last step of all fails."""
    database = tmp_path / "hollow"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version AS SELECT ? AS version_num", (migration_head(),))
    content = {**content_of(sound), DATABASE: database.read_bytes(), "secret_key": b"theirs"}
    second = fresh("second")
    instance = second.extensions["settings"].instance
    (instance / "secret_key").write_text("ours")

    code, said = flask(second, "restore", written(tmp_path / "bad.tar", with_manifest(content)))

    assert (code, "no such table: doc_heads" in said) == (1, True)
    assert sorted(path.name for path in instance.rglob("*")) == ["files", "secret_key"]
    assert (instance / "secret_key").read_text() == "ours"


def test_a_database_without_tables_that_a_look_made_is_empty(sound, fresh):
    """`flask doctor` in a new instance leaves such a file."""
    second = fresh("second")
    path = second.extensions["settings"].instance / "portal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert flask(second, "restore", sound)[0] == 0
    assert (second.extensions["settings"].instance / "files" / "plan.pdf").read_bytes() == b"%PDF"
