"""Two connections to PostgreSQL: whoever takes a right away waits for the edits that were judged with it, or they for
them. An edit that is saved was saved before the right was gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from portal.accounts.actions import end_session
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.collab import actions, kinds
from portal.collab.actions.quarantine import Taken
from portal.collab.models import DocHead, DocVersion
from portal.collab.protocol import frame
from portal.extensions import db
from portal.transaction import commit

WAITS = 0.5  # seconds in which an unhindered transaction is over many times

pytestmark = pytest.mark.postgres_only


class Other(threading.Thread):
    """Somebody else's transaction, at the worst moment: the edit was judged and is not committed yet."""

    def __init__(self, app, change: Callable[[], object]) -> None:
        super().__init__()
        self.app, self.change = app, change
        self.was_over_first = False

    def run(self) -> None:
        with self.app.app_context():
            self.change()
            commit()

    def meanwhile(self) -> None:
        self.start()
        self.join(WAITS)
        self.was_over_first = not self.is_alive()


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def while_judging(rights):
    """`while_judging(thread)`: it runs once, after the next edit's session, lock and roles were read."""

    def interrupted(other: Other) -> None:
        waiting = [other]

        def roles(user_ids, document_id):
            found = rights.of(user_ids, document_id)
            while waiting:
                waiting.pop().meanwhile()
            return found

        kinds.register("note", replace(kinds.find("note"), roles=roles))

    return interrupted


def sign_out() -> None:
    session = db.session.scalars(sa.select(AuthSession)).one()
    end_session(session, by=session.user)


def suspend() -> None:
    db.session.execute(sa.update(User).values(suspended_at=utcnow()))


@pytest.mark.parametrize("change", [sign_out, suspend])
def test_a_revocation_waits_for_the_edit_that_was_judged_before_it(app, ana, note, tab, log_of, while_judging, change):
    document = note(writers=[ana])
    first = tab(ana, document)
    other = Other(app, change)
    while_judging(other)

    first.write("before")
    other.join(10)

    assert not other.is_alive(), "once the edit is committed, it goes on"
    assert not other.was_over_first, "it was committed before an edit that was taken all the same"
    assert len(log_of(document)) == 1

    if first.socket.is_connected("/doc"):  # signing out closed it
        first.write("after")
        assert [message["code"] for message in first.hear().refused] == ["gone"]
    assert len(log_of(document)) == 1


def test_a_change_of_rights_or_a_freeze_waits_for_the_edit_that_was_judged_before_it(
    app, ana, note, tab, rights, while_judging
):
    document = note(writers=[ana])
    first = tab(ana, document)

    def lose() -> None:
        actions.freeze(document, by=db.session.get_one(User, ana.id))

    other = Other(app, lose)
    while_judging(other)
    first.write("before")
    other.join(10)
    assert not other.is_alive()
    assert not other.was_over_first
    assert [message["n"] for message in first.hear().saved] == [1]

    first.write("after")
    assert [message["code"] for message in first.hear().refused] == ["locked"]


def test_a_change_of_rights_in_several_documents_holds_them_in_the_order_of_their_ids(app, note):
    """As writers do: otherwise each would wait for what the other holds, and one of them be ended."""
    documents = [note(), note()]

    def changed() -> None:
        db.session.execute(sa.text("SET LOCAL enable_indexscan = off"))  # as it may be where there are many
        db.session.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
        actions.rights_changed(documents)

    with app.app_context():
        for _ in range(3):  # the first one's row comes to lie behind the other's
            db.session.execute(sa.update(DocHead).where(DocHead.doc_id == documents[0]).values(size=DocHead.size + 1))
            commit()
        held = sa.select(DocHead.doc_id).where(DocHead.doc_id == documents[0]).with_for_update()
        db.session.execute(held)
        other = Other(app, changed)
        other.meanwhile()
        assert not other.was_over_first

        free = sa.select(DocHead.doc_id).where(DocHead.doc_id == documents[1]).with_for_update(nowait=True)
        assert db.session.scalar(free) == documents[1]
        commit()
    other.join(10)
    assert not other.is_alive()


def test_a_version_that_is_read_while_an_update_is_taken_out_stays_as_it_was_read(app, ana, note, tab):
    """Another reader's process may be at it: what it verified is one state, and no log again."""
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    with app.app_context():
        version = actions.keep_version(document, "named", name="Now").id
        commit()
        read = sa.update(DocVersion).where(DocVersion.id == version)
        db.session.execute(read.values(read_at=utcnow(), body=frame([b"verified"])))
        taken = {1: Taken(b"\x00\x00", "it is poison")}
        other = Other(app, lambda: actions.quarantine(document, taken, epoch=1, state_seq=0))
        other.meanwhile()
        assert not other.was_over_first
        commit()
        other.join(10)
        assert not other.is_alive()
        assert db.session.get_one(DocHead, document).epoch == 2
        assert db.session.get_one(DocVersion, version).body == frame([b"verified"])
