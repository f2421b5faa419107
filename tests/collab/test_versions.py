"""Versions: what a text was is kept, is for its writers only, and can be brought back."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import Forbidden, NotFound

from portal.collab import actions, policy, queries, signals
from portal.collab.models import DocVersion
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def ben(make):
    return make.person("Ben")


def keep(app, document, *, name="", by=None, kind="named") -> int:
    with app.app_context():
        version = actions.keep_version(document, kind, name=name, by=by).id
        commit()
        return version


def test_a_named_version_is_told_of_and_listed_without_its_text(app, ana, note, statements):
    document, other = note("Vision", writers=[ana]), note()
    heard = []

    def hear(_sender, document_id, by, version):
        heard.append((document_id, by.id, version.name))

    with signals.version_kept.connected_to(hear):
        keep(app, document, name="For the board", by=ana)
        keep(app, document, kind="daily")
    assert heard == [(document, ana.id, "For the board")]
    keep(app, other)
    with app.app_context(), statements() as seen:
        daily, named = queries.versions(document)
        assert (named.name, named.user_id, named.seq, named.is_read) == ("For the board", ana.id, 0, False)
        assert (daily.kind, daily.user_id) == ("daily", None)
        assert queries.versions(document, before=daily.id) == [named]
        assert queries.versions(document, limit=1) == [daily]
    assert len(seen) == 3
    assert not any("doc_versions.text" in statement for statement in seen)


def test_versions_are_for_who_writes_and_not_for_readers_or_strangers(app, make, ana, ben, note):
    document, other = note("Draft", writers=[ana], readers=[ben]), note(writers=[ana])
    stranger = make.person("Eve")
    version = keep(app, document)
    with app.app_context():
        assert policy.access_version(ana, document, version).id == version
        with pytest.raises(Forbidden):
            policy.access_version(ben, document, version)
        with pytest.raises(NotFound):
            policy.access_version(stranger, document, version)
        with pytest.raises(NotFound):
            policy.access_version(ana, other, version)
        with pytest.raises(NotFound):
            policy.access_version(ana, document, version + 1)


def test_freezing_locks_keeps_a_version_and_says_so_once(app, ana, note):
    document = note("Vision", writers=[ana])
    with app.app_context():
        version = actions.freeze(document, by=ana)
        assert actions.freeze(document, by=ana) is None
        commit()
        standing = queries.standing([document])[document]
        assert (standing.state, standing.by_id, standing.version_id) == ("freezing", ana.id, version.id)
        assert actions.unfreeze(document, by=ana)
        assert not actions.unfreeze(document, by=ana)
        commit()
        assert queries.standing([document]) == {document: queries.Standing()}
        assert db.session.query(DocVersion).filter_by(doc_id=document).count() == 1, "the version stays"
