"""Bodies that are too long for a message come by HTTP, with the same rights."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pycrdt import Doc

from portal.clock import utcnow
from portal.collab import reader
from portal.collab.models import DocHead
from portal.collab.protocol import unframe
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def long_document(ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    for number in range(3):
        first.send(first.typed(f" {number} " + "words " * 6_000))
    return document, first.text


def test_a_long_document_is_opened_by_address(ana, sign_in, tab, long_document):
    document, text = long_document
    browser = sign_in(ana)
    second = tab(ana, document, browser=browser)
    assert "body" not in second.answer
    answer = browser.get(second.answer["url"])
    assert answer.status_code == 200
    assert int(answer.headers["Portal-Seq"]) >= second.answer["seq"] == 3
    second.apply(answer.data)
    assert second.text == text


def test_only_what_is_missing_can_be_asked_for(ana, sign_in, long_document):
    document, _ = long_document
    answer = sign_in(ana).get(f"/documents/{document}/state?seq=3&since=2&epoch=1")
    assert len(list(unframe(answer.data))) == 1


def test_whoever_was_away_while_much_came_and_went_is_sent_what_stands(app, ana, note, tab, sign_in):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    for number in range(3):
        first.send(first.added(f"{number} " + "words " * 10_000))
        del first.body.children[1]
        first.send(first.taken())
    first.write(" and on")
    with app.app_context():
        db.session.execute(sa.update(DocHead).values(edited_at=utcnow() - timedelta(minutes=2)))
        commit()
        reader.read_due(now_please=True)
    answer = sign_in(ana).get(f"/documents/{document}/state?since=0&epoch=1")
    assert answer.headers["Portal-Seq"] == "7"
    assert len(answer.data) < 10_000
    away = tab(ana, document, since=0, epoch=1)
    assert (away.text, away.answer["seq"]) == ("Start and on", 7)


def test_who_may_only_read_is_not_sent_what_was_typed_and_deleted(app, make, ana, note, tab, sign_in):
    ben = make.person("Ben")
    document = note("Vision", writers=[ana], readers=[ben])
    first = tab(ana, document)
    first.send(first.added("a sentence that was a mistake"))
    del first.body.children[1]
    first.send(first.taken())
    first.write(" of care")
    with app.app_context():
        db.session.execute(sa.update(DocHead).values(edited_at=utcnow() - timedelta(minutes=2)))
        commit()
        reader.read_due(now_please=True)

    def sent(person):
        page = sign_in(person).get(f"/documents/{document}/state?since=0&epoch=1").data
        return page, tab(person, document, since=0, epoch=1).answer["body"]

    assert [b"mistake" in body for body in sent(ben)] == [False, False]
    assert [b"mistake" in body for body in sent(ana)] == [True, True]  # who writes sees the history anyway


def test_a_state_is_compressed_private_and_not_sent_twice(ana, sign_in, long_document):
    document, _ = long_document
    browser = sign_in(ana)
    answer = browser.get(f"/documents/{document}/state?seq=3", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["ETag"] == '"1:3"'
    assert "Accept-Encoding" in answer.headers["Vary"]
    doc = Doc()
    for update in unframe(gzip.decompress(answer.data)):
        doc.apply_update(update)
    again = browser.get(f"/documents/{document}/state?seq=3", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nobody_else_gets_it(make, note, ana, sign_in, client, rights, long_document):
    document, _ = long_document
    eve = sign_in(make.person("Eve"))
    assert eve.get(f"/documents/{document}/state").status_code == 404
    assert eve.get("/documents/999/state").status_code == 404
    assert client.get(f"/documents/{document}/state").status_code == 303
    browser = sign_in(ana)
    rights.change(ana, document, "none")
    assert browser.get(f"/documents/{document}/state").status_code == 404


@pytest.mark.parametrize("query", ["since=x", "since=1e3", "epoch=--1", "since=99999999999"])
def test_a_query_that_is_no_number_is_refused(ana, sign_in, note, query):
    document = note(writers=[ana])
    assert sign_in(ana).get(f"/documents/{document}/state?{query}").status_code == 400
