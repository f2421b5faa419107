"""A version a day of what changed, whoever was there to think of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab import actions, jobs, reader
from portal.collab.models import DocState, DocVersion
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


def by_the_clock(app) -> None:
    with app.app_context():
        jobs.keep_daily_versions()


def kinds_of(app, document) -> list[tuple[str, int, int | None]]:
    with app.app_context():
        columns = (DocVersion.kind, DocVersion.seq, DocVersion.user_id)
        return list(db.session.query(*columns).filter_by(doc_id=document).order_by(DocVersion.id))


def a_day_later(app) -> None:
    with app.app_context():
        db.session.execute(sa.update(DocVersion).values(at=utcnow() - timedelta(days=1)))
        commit()


def test_a_changed_text_is_kept_once_a_day_and_an_untouched_one_never(app, ana, note, tab):
    document, untouched = note("Vision", writers=[ana]), note("Template")
    first = tab(ana, document)
    first.write(" of care")
    by_the_clock(app)
    first.write(" again")
    by_the_clock(app)
    assert kinds_of(app, document) == [("daily", 1, None)]
    a_day_later(app)
    by_the_clock(app)
    assert kinds_of(app, document) == [("daily", 1, None), ("daily", 2, None)]
    a_day_later(app)
    by_the_clock(app)
    assert len(kinds_of(app, document)) == 2, "nothing changed since"
    assert kinds_of(app, untouched) == []


def test_a_version_that_somebody_kept_today_is_enough(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    first.write(" of care")
    with app.app_context():
        actions.keep_version(document, "named", name="Mine", by=ana)
        commit()
    by_the_clock(app)
    assert [kind for kind, _, _ in kinds_of(app, document)] == ["named"]
    first.write(" later")
    by_the_clock(app)
    assert [kind for kind, _, _ in kinds_of(app, document)] == ["named", "daily"]


def test_a_restored_text_is_another_one_even_where_nobody_typed(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    tab(ana, document).write(" of care")
    by_the_clock(app)
    a_day_later(app)
    with app.app_context():
        reader.read_versions()
        actions.restore(db.session.query(DocVersion).one(), by=ana)
        commit()
    by_the_clock(app)
    assert [kind for kind, _, _ in kinds_of(app, document)] == ["daily", "replaced", "daily"]


def test_an_unreadable_text_is_not_kept_and_a_run_is_bounded(app, ana, note, tab, monkeypatch):
    documents = [note(writers=[ana]) for _ in range(4)]
    for document in documents:
        tab(ana, document).write("words")
    with app.app_context():
        db.session.query(DocState).filter_by(doc_id=documents[0]).update({"failed_at": utcnow()})
        commit()
    monkeypatch.setattr(jobs, "MAX_DOCUMENTS", 2)
    by_the_clock(app)
    assert [len(kinds_of(app, document)) for document in documents] == [0, 1, 1, 0], "those that wait longest first"
    by_the_clock(app)
    assert [len(kinds_of(app, document)) for document in documents] == [0, 1, 1, 1]


def test_a_document_that_cannot_be_kept_does_not_keep_the_others_from_it(app, ana, note, tab):
    bad, good = note(writers=[ana]), note(writers=[ana])
    for document in (bad, good):
        tab(ana, document).write("words")

    @sa.event.listens_for(DocVersion, "before_insert")
    def no_room(_mapper, _connection, version):
        if version.doc_id == bad:
            raise RuntimeError("no room")

    try:
        by_the_clock(app)
    finally:
        sa.event.remove(DocVersion, "before_insert", no_room)
    assert kinds_of(app, bad) == []
    assert [kind for kind, _, _ in kinds_of(app, good)] == ["daily"]


def test_two_workers_keep_one_version(app, ana, note, tab):
    document = note(writers=[ana])
    tab(ana, document).write("words")
    with app.app_context():
        assert actions.due_for_daily(10) == [document]
        assert actions.keep_daily(document) is not None
        assert actions.keep_daily(document) is None, "who came second has found it due, too"
        commit()
    assert len(kinds_of(app, document)) == 1
