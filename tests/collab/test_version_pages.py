"""The versions of a text as people see them: the list, one to read, naming the present text, bringing one back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.collab import actions, queries, reader
from portal.collab.models import DocVersion
from portal.extensions import db
from portal.transaction import commit


@pytest.fixture
def ana(make):
    return make.leader("Ana", make.organisation("Northtown"))


@pytest.fixture
def ben(make):
    return make.leader("Ben")


@pytest.fixture
def text(note, ana, ben, rights) -> int:
    """Ana manages it, Ben writes in it."""
    rights.managers.add(ana.id)
    return note("Listening is a skill.", writers=[ana, ben])


@pytest.fixture
def keep(app: Flask, text: int) -> Callable[..., int]:
    """`keep("named", name="First", by=ana)`: a version of the present text, read at once unless `unread`."""

    def kept(kind: str, *, unread: bool = False, **more) -> int:
        with app.app_context():
            version_id = actions.keep_version(text, kind, **more).id
            commit()
            if not unread:
                reader.read_versions()
        return version_id

    return kept


def name_it(browser: FlaskClient, document: int, name: str):
    return browser.post(f"/documents/{document}/versions", data={"name": name})


def listed(browser: FlaskClient, document: int, query: str = "") -> str:
    answer = browser.get(f"/documents/{document}/versions{query}")
    assert answer.status_code == 200
    return answer.text


def read_now(app: Flask) -> None:
    with app.app_context():
        reader.read_due(now_please=True)
        reader.read_versions()


def texts_of(app: Flask, document: int) -> str:
    with app.app_context():
        return queries.readings([document])[document].text


def test_a_text_without_versions_says_when_the_first_one_comes(sign_in, ben, text):
    page = listed(sign_in(ben), text)
    assert f"Versions of Note {text}" in page
    assert "No versions yet" in page
    assert f'href="/notes/{text}"' in page


def test_a_writer_keeps_the_present_text_under_a_name(app, sign_in, ben, text):
    browser = sign_in(ben)
    answer = name_it(browser, text, "  Before  the review ")
    assert (answer.status_code, answer.location) == (303, f"/documents/{text}/versions")
    page = listed(browser, text)
    assert "The text is kept as “Before the review”." in page
    assert "Named “Before the review”" in page
    assert "Being read" in page
    read_now(app)
    page = listed(browser, text)
    assert "Being read" not in page
    assert "4 words" in page
    assert "<bdi>Ben</bdi>" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Give the version a name."), (" \n", "Give the version a name."), ("x" * 121, "at most 120")],
)
def test_a_version_needs_a_name_of_at_most_120_characters(app, sign_in, ben, text, name, words):
    answer = name_it(sign_in(ben), text, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{name.strip()}"' in answer.text
    with app.app_context():
        assert queries.versions(text) == []
    assert name_it(sign_in(ben), text, "y" * 120).status_code == 303


def test_the_list_says_what_each_version_is_newest_first(sign_in, ana, keep, text):
    keep("daily")
    keep("named", name="<b>First</b>", by=ana)
    keep("frozen", by=ana)
    keep("replaced", by=ana)
    page = listed(sign_in(ana), text)
    places = [page.index(word) for word in (">Before a restore<", ">Frozen<", "Named “&lt;b&gt;First", ">Daily<")]
    assert places == sorted(places)
    assert page.count("<bdi>Ana</bdi>, <bdi>Northtown</bdi>") == 3
    assert "kept by the portal" in page


def test_who_erased_their_account_is_a_former_member(app, sign_in, ana, ben, keep, text):
    version = keep("named", name="First", by=ana)
    with app.app_context():
        db.session.execute(sa.update(DocVersion).values(user_id=None))
        commit()
    for page in (listed(sign_in(ben), text), sign_in(ben).get(f"/documents/{text}/versions/{version}").text):
        assert "Former member" in page
        assert "Northtown" not in page


def test_the_list_is_paged_and_asks_the_same_of_the_database_however_long(sign_in, ana, keep, text, statements):
    for number in range(queries.PAGE + 2):
        keep("named", name=f"Number {number:02}", by=ana, unread=True)
    browser = sign_in(ana)
    newest = listed(browser, text)
    assert "“Number 31”" in newest
    assert "“Number 02”" in newest
    assert "“Number 01”" not in newest
    address = newest.split(f'href="/documents/{text}/versions?')[1].split('"')[0]
    with statements() as seen:
        older = listed(browser, text, f"?{address}")
    assert "“Number 01”" in older
    assert "“Number 00”" in older
    assert "“Number 02”" not in older
    assert f'href="/documents/{text}/versions"' in older
    assert len(seen) <= 5, "\n".join(seen)
    assert "No older versions" in listed(browser, text, "?before=1")
    assert "“Number 31”" in listed(browser, text, "?before=nonsense")


def test_readers_see_no_versions_and_strangers_know_of_none(app, make, sign_in, rights, keep, text):
    reading, stranger = make.leader("Rea"), make.leader("Eve")
    rights.give(reading, text, "read")
    version = keep("named", name="Secret draft")
    for path in ("versions", f"versions/{version}", f"versions/{version}/restoration"):
        assert sign_in(reading).get(f"/documents/{text}/{path}").status_code == 403
        assert sign_in(stranger).get(f"/documents/{text}/{path}").status_code == 404
    for path in ("versions", f"versions/{version}/restoration"):
        assert sign_in(reading).post(f"/documents/{text}/{path}", data={"name": "Mine"}).status_code == 403
        assert sign_in(stranger).post(f"/documents/{text}/{path}", data={"name": "Mine"}).status_code == 404
    with app.app_context():
        assert [each.name for each in queries.versions(text)] == ["Secret draft"]


def test_a_version_of_another_text_is_not_found(sign_in, ana, keep, note, text):
    version, other = keep("daily"), note("Other", writers=[ana])
    for path in (f"versions/{version}", f"versions/{version}/restoration"):
        assert sign_in(ana).get(f"/documents/{other}/{path}").status_code == 404
    assert sign_in(ana).post(f"/documents/{other}/versions/{version}/restoration").status_code == 404


def test_a_version_is_read_with_its_counts_and_its_fingerprint(sign_in, ben, keep, text, statements):
    version = keep("named", name="First", by=ben)
    browser = sign_in(ben)
    with statements() as seen:
        page = browser.get(f"/documents/{text}/versions/{version}").text
    assert '<p dir="auto">Listening is a skill.</p>' in page
    assert "4 words, 21 characters" in page
    fingerprint = page.split('<code title="')[1].split('"')[0]
    assert len(fingerprint) == 64
    assert f">{fingerprint[:12]}</code>" in page
    assert f'href="/documents/{text}/versions"' in page
    assert len(seen) <= 7, "\n".join(seen)


def test_a_version_that_is_still_being_read_says_so_and_is_not_brought_back(sign_in, ana, keep, text):
    version = keep("daily", unread=True)
    browser = sign_in(ana)
    page = browser.get(f"/documents/{text}/versions/{version}").text
    assert "Being read" in page
    assert "restoration" not in page
    question = f"/documents/{text}/versions/{version}/restoration"
    assert "still reading" in browser.get(question).text
    assert f'action="{question}"' not in browser.get(question).text
    assert browser.post(question).status_code == 409


def test_the_manager_brings_a_version_back_and_the_present_text_is_kept(app, sign_in, ana, keep, tab, text):
    version = keep("named", name="First", by=ana)
    tab(ana, text).write(" It can be taught.")
    read_now(app)
    browser = sign_in(ana)
    question = f"/documents/{text}/versions/{version}/restoration"
    assert question in browser.get(f"/documents/{text}/versions/{version}").text
    asked = browser.get(question).text
    assert "The text as it stands now is kept as a version." in asked
    assert "offered back to them" in asked

    answer = browser.post(question)
    assert (answer.status_code, answer.location) == (303, f"/notes/{text}")
    assert texts_of(app, text) == "Listening is a skill."
    read_now(app)
    with app.app_context():
        replaced = queries.versions(text)[0]
        kept = db.session.get_one(DocVersion, replaced.id)
        assert (replaced.kind, replaced.user_id) == ("replaced", ana.id)
        assert kept.text == "Listening is a skill. It can be taught."


def test_a_writer_is_offered_no_restore_and_gets_none(app, sign_in, ana, ben, keep, tab, text):
    version = keep("daily")
    tab(ana, text).write(" It can be taught.")
    read_now(app)
    browser = sign_in(ben)
    assert "restoration" not in browser.get(f"/documents/{text}/versions/{version}").text
    question = f"/documents/{text}/versions/{version}/restoration"
    assert browser.get(question).status_code == browser.post(question).status_code == 403
    assert texts_of(app, text) == "Listening is a skill. It can be taught."


def test_a_frozen_text_stays_as_it_was_frozen(app, sign_in, ana, keep, tab, text):
    version = keep("daily")
    tab(ana, text).write(" It can be taught.")
    with app.app_context():
        actions.freeze(text, by=ana)
        commit()
    read_now(app)
    browser = sign_in(ana)
    assert "Unfreeze it to bring this version back." in browser.get(f"/documents/{text}/versions/{version}").text
    question = f"/documents/{text}/versions/{version}/restoration"
    assert f'action="{question}"' not in browser.get(question).text
    answer = browser.post(question)
    assert answer.status_code == 409
    assert "The text is frozen." in answer.text
    assert texts_of(app, text) == "Listening is a skill. It can be taught."


def test_naming_is_limited_by_the_hour(sign_in, ben, text):
    browser = sign_in(ben)
    assert {name_it(browser, text, "").status_code for _ in range(60)} == {422}
    assert name_it(browser, text, "One more").status_code == 429
