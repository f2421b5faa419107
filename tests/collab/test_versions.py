"""Versions: what a text was is kept, is for its writers only, and can be brought back."""

from __future__ import annotations

import hashlib

import pytest
from pycrdt import Doc
from werkzeug.exceptions import Forbidden, NotFound

from portal.clock import utcnow
from portal.collab import actions, policy, queries, reader, signals
from portal.collab.applying import ApplyError, apply_version, version_in_child
from portal.collab.models import DocState, DocVersion
from portal.collab.protocol import frame, unframe
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def ben(make):
    return make.person("Ben")


def read_versions(app, **options) -> int:
    with app.app_context():
        return reader.read_versions(**options)


def version_of(app, version) -> DocVersion:
    with app.app_context():
        return db.session.get(DocVersion, version)


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
        hers = policy.access_versions(ana, document)
        assert policy.version_of(hers, version).id == version
        with pytest.raises(Forbidden):
            policy.access_versions(ben, document)
        with pytest.raises(NotFound):
            policy.access_versions(stranger, document)
        with pytest.raises(NotFound):
            policy.version_of(policy.access_versions(ana, other), version)
        with pytest.raises(NotFound):
            policy.version_of(hers, version + 1)


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


def test_what_stood_in_the_log_becomes_one_state_with_text_counts_and_hash(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    first.write(" of")
    version = keep(app, document)
    first.write(" care")
    assert len(list(unframe(version_of(app, version).body))) == 2
    heard = []

    def hear(_sender, document_id, version_id, kind):
        heard.append((document_id, version_id, kind))

    with signals.version_read.connected_to(hear):
        assert read_versions(app, apply=version_in_child) == 1
        assert read_versions(app) == 0
    assert heard == [(document, version, "named")]
    read = version_of(app, version)
    assert (read.text, read.markdown, read.seq) == ("Vision of", "Vision of", 1)
    assert read.html == '<p dir="auto">Vision of</p>'
    assert read.counts == {"ws": 2, "chars": 9}
    assert read.hash == hashlib.sha256(b"Vision of").hexdigest()
    assert len(list(unframe(read.body))) == 1
    assert read.read_at is not None


def test_a_version_that_cannot_be_applied_stays_unread_and_the_others_go_on(app, ana, note):
    bad, good = keep(app, note("Bad")), keep(app, note("Good"))
    with app.app_context():
        db.session.query(DocVersion).filter_by(id=bad).update({"body": frame([b"\x01\x02"])})
        commit()
    setbacks = reader.Setbacks()
    assert read_versions(app, apply=version_in_child, setbacks=setbacks) == 1
    assert version_of(app, good).text == "Good"
    assert version_of(app, bad).read_at is None
    assert setbacks.blocks(bad), "it is left alone for a while"
    assert read_versions(app, setbacks=setbacks) == 0


def test_versions_that_cannot_be_read_keep_texts_waiting_for_a_few_of_them_only(app, ana, note):
    document = note(writers=[ana])
    versions = [keep(app, document) for _ in range(8)]
    tried = []

    def hangs(updates):
        tried.append(updates)
        raise ApplyError("it took too long")

    setbacks = reader.Setbacks()
    assert read_versions(app, apply=hangs, setbacks=setbacks) == 0
    assert len(tried) == 5
    assert read_versions(app, apply=hangs, setbacks=setbacks) == 0
    assert len(tried) == len(versions), "in the next round it is the others' turn"


def test_frozen_versions_are_read_first_and_a_version_only_once(app, ana, note):
    daily, document = keep(app, note("Slow"), kind="daily"), note("Vision", writers=[ana])
    with app.app_context():
        frozen = actions.freeze(document, by=ana).id
        commit()
    order = []

    def late(updates):
        order.append(updates)
        if len(order) == 1:
            with app.app_context():
                reader.read_version(frozen)  # another reader was quicker
            return apply_version([Doc().get_update()])
        return apply_version(updates)

    read_versions(app, apply=late)
    assert version_of(app, frozen).text == "Vision"
    assert version_of(app, daily).text == "Slow"


def test_tabs_are_told_of_freezing_frozen_and_open_again(app, ana, note, tab):
    document = note("Vision", writers=[ana])
    first = tab(ana, document)
    assert first.answer["standing"] == "open"
    with app.app_context():
        version = actions.freeze(document, by=ana).id
        commit()
    first.write(" late")
    assert first.hear().refused[-1]["code"] == "locked"
    assert tab(ana, document).answer["standing"] == "freezing"
    read_versions(app)
    with app.app_context():
        standing = queries.standing([document])[document]
        assert (standing.state, standing.version_id) == ("frozen", version)
        actions.unfreeze(document, by=ana)
        commit()
    told = [data for name, data in first.hear().events if name == "role"]
    assert [data["standing"] for data in told] == ["freezing", "frozen", "open"]
    assert {data["role"] for data in told} == {"write"}
    assert version_of(app, version).text == "Vision"


def test_how_documents_stand_is_one_statement(app, ana, note, statements):
    documents = [note(f"Text {number}") for number in range(4)]
    with app.app_context():
        actions.freeze(documents[0], by=ana)
        db.session.query(DocState).filter_by(doc_id=documents[1]).update({"failed_at": utcnow()})
        commit()
    read_versions(app)
    with app.app_context(), statements() as seen:
        standings = queries.standing(documents)
    states = [standings[document].state for document in documents]
    assert states == ["frozen", "unreadable", "open", "open"]
    assert len(seen) == 1
