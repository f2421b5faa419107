"""Whatever is sent, to every address and in every message: an answer in our words, and no half of a row."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import jobs
from portal.extensions import db
from portal.live import namespaces
from portal.live.limits import Bucket
from portal.live.peers import peers
from tests.access.test_matrix import ROUTES, rows
from tests.access.world import World, build
from tests.builders import Make

FORMS = [path for method, path in (row.asked for row in rows(ROUTES)) if method == "POST"]
PAGES = [path for method, path in (row.asked for row in rows(ROUTES)) if method == "GET"]
FIELDS = [
    "name",
    "email",
    "organisation",
    "message",
    "website",
    "title",
    "body",
    "description",
    "audience",
    "submission_key",
    "seen",
    "number",
    "role",
    "user",
    "template",
    "state",
    "place",
    "country",
    "time_zone",
    "kind",
    "part_of",
    "leader_name",
    "leader_email",
    "password",
    "own_device",
    "next",
    "deadline_date",
    "deadline_time",
    "deadline_typed",
    "deadline_zone",
    "deadline_fold",
    "no_deadline",
    "csrf_token",
]
# Nothing of these is an answer that is good to any form.
NASTY = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "-1",
    "0",
    "1e9",
    "NaN",
    "Infinity",
    str(2**31),
    str(10**20),
    "9" * 5000,
    "٣",
    "²",
    "\ufffd",
    "\u202eevil",
    "\ufeff",
    "\u2028",
    "\r\nBcc: x@example.org",
    "x" * 20_000,
    "a@b",
    "a@b\r\nBcc: c@example.org",
    '"a b"@example.org',
    "ñ@example.org",
    "a@xn--0.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "24:61",
    "Europe/../etc/passwd",
    "Europe/London\x00",
    "{{7*7}}",
    "%s%n",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "😀" * 300,
    "e\u0301" * 500,
)


@pytest.fixture
def world(app: Flask, make: Make) -> Iterator[World]:
    """The matrix's world; errors show as the page that people would get."""
    made = build(app, make)
    app.testing, propagate = False, app.testing
    yield made
    app.testing = propagate


def counts(world: World) -> dict[str, int]:
    """How many rows each table has."""
    each = [
        sa.select(sa.literal(table.name), sa.func.count()).select_from(table) for table in db.metadata.sorted_tables
    ]
    with world.app.app_context(), db.engine.begin() as connection:
        return dict(map(tuple, connection.execute(sa.union_all(*each))))


def is_well(answer: Any) -> bool:
    return answer.status_code < 500 and "Traceback (most recent" not in answer.text


def sent(world: World, browser: FlaskClient, path: str, **options: Any) -> str:
    """Post it. Returns what was wrong with the answer, or nothing."""
    world.app.extensions["redis"].flushall()
    before = counts(world)
    with browser.post(path.format(**world.ids), **options) as answer:
        if not is_well(answer):
            return f"{path}: {answer.status_code} {str(options)[:200]}"
        if answer.status_code >= 400 and counts(world) != before:
            return f"{path}: refused with {answer.status_code}, but it left a row"
        return ""


@pytest.mark.parametrize("person", ["leader", "officer", "anonymous"])
def test_no_form_fails_on_a_value_that_nobody_expects(world: World, person: str) -> None:
    """Every form with every field set to the same nasty value, then with each field its own."""
    chance, wrong = random.Random(person), []
    for path in FORMS:
        for value in chance.sample(NASTY, 3):
            data = dict.fromkeys(FIELDS, value) if chance.random() < 0.5 else {f: chance.choice(NASTY) for f in FIELDS}
            data.pop("csrf_token")
            wrong.append(sent(world, world.browser(person), path, data=data))
        world.restore()
    assert not [each for each in wrong if each]


GOOD = {
    "name": "Ada",
    "email": "ada@example.org",
    "organisation": "2",
    "message": "Hello",
    "title": "A title",
    "body": "Some text",
    "audience": "members",
    "submission_key": "1",
    "seen": "1",
    "number": "1",
    "role": "reader",
    "template": "ssi-rsmf-full",
    "state": "drafting",
    "time_zone": "Europe/London",
    "kind": "research",
    "leader_name": "Ben",
    "leader_email": "ben@example.org",
    "password": "four quiet herons wade",
    "no_deadline": "y",
}


@pytest.mark.parametrize("person", ["leader", "officer", "anonymous"])
def test_no_form_fails_on_one_nasty_value_among_good_ones_nor_does_its_mail(world: World, person: str) -> None:
    chance, wrong = random.Random(person), []
    for path in FORMS:
        for field in (name for name in GOOD if name not in ("no_deadline", "submission_key")):
            if chance.random() < 0.15:
                data = {**GOOD, field: chance.choice(NASTY)}
                wrong.append(sent(world, world.browser(person), path, data=data))
        with world.app.app_context():
            jobs.run_due_jobs()
            errors = db.session.execute(sa.text("SELECT kind, error FROM jobs WHERE error IS NOT NULL")).all()
            wrong += [f"{path}: a job failed: {error}" for error in errors]
        for mail in world.app.extensions["mail_transport"].messages:
            assert len(mail.get_all("To")) == len(mail.get_all("Subject")) == 1
            assert mail["Bcc"] is None
            mail.as_bytes()
        world.restore()
    assert not [each for each in wrong if each]


BODIES = {
    "json": {"json": {"name": {"deep": [1, None, True]}, "body": 7}},
    "json that is a list": {"json": [1, 2, 3]},
    "not the JSON it says": {"data": b"{", "content_type": "application/json"},
    "invalid UTF-8": {"data": b"name=\xff\xfe&body=\xed\xa0\x80", "content_type": "application/x-www-form-urlencoded"},
    "percent and nonsense": {
        "data": b"name=%ff%fe&body=%ed%a0%80&x=%u1234&=&&&&=%",
        "content_type": "application/x-www-form-urlencoded",
    },
    "fields again and again": {"data": {"name": ["a", "b"], "body": ["c", "d"], "email": ["e@example.org"] * 9}},
    "300 fields": {"data": {f"field-{n}": "x" for n in range(300)}},
    "a megabyte and one byte": {
        "data": b"body=" + b"x" * 999_996,
        "content_type": "application/x-www-form-urlencoded",
    },
    "a file for a text": {
        "data": b'--x\r\nContent-Disposition: form-data; name="body"; filename="a"\r\n\r\n\x00\xff\r\n--x--\r\n',
        "content_type": "multipart/form-data; boundary=x",
    },
    "no boundary": {"data": b"--x\r\n", "content_type": "multipart/form-data"},
    "a strange boundary": {"data": b"--\xff\r\n", "content_type": "multipart/form-data; boundary=\xff"},
    "a strange charset": {"data": b"a=b", "content_type": "application/x-www-form-urlencoded; charset=utf-7"},
    "XML": {"data": b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>", "content_type": "text/xml"},
    "nothing with a type": {"data": b"", "content_type": "multipart/form-data; boundary=x"},
}


@pytest.mark.parametrize("name", BODIES)
def test_no_form_fails_on_a_body_of_another_shape(world: World, name: str) -> None:
    wrong = [sent(world, world.browser("leader"), path, **BODIES[name]) for path in FORMS]
    assert not [each for each in wrong if each]


def test_a_form_that_is_no_form_is_said_to_be_unreadable(world: World) -> None:
    answer = world.browser("leader").post("/account", json={"name": ["Ana"]})

    assert answer.status_code == 415
    assert "We could not read that" in answer.text


QUERIES = ("page", "before", "next", "since", "epoch", "seq", "from_thread", "view", "fail", "x")


@pytest.mark.parametrize("person", ["leader", "officer", "anonymous"])
def test_no_page_fails_on_a_query_a_header_or_a_method(world: World, person: str) -> None:
    chance, wrong, browser = random.Random(person), [], world.browser(person)
    before = counts(world)
    for path in PAGES:
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND"):
            query = {name: chance.choice(NASTY).replace("\x00", "") for name in QUERIES}
            with browser.open(path.format(**world.ids), method=method, query_string=query, headers=odd(chance)) as got:
                if not is_well(got):
                    wrong.append((method, path, query, got.status_code))
    assert not wrong
    assert counts(world) == before


def odd(chance: random.Random) -> dict[str, str]:
    """Headers that our code or its libraries read."""
    values = (
        "",
        "x",
        "*/*;q=nan",
        "é",
        "-1",
        "bytes=0-",
        "W/",
        '"',
        "Mon, 99 Foo 9999 99:99:99 GMT",
        ";;;,,,",
        "a" * 3000,
    )
    names = [
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "Range",
        "If-None-Match",
        "If-Modified-Since",
        "Referer",
        "Origin",
        "User-Agent",
        "Cookie",
        "X-CSRFToken",
        "Turbo-Frame",
        "X-Requested-With",
        "X-Forwarded-For",
        "Forwarded",
        "Content-Type",
        "Content-Length",
    ]
    return {name: chance.choice(values) for name in chance.sample(names[:-1], 5)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.sampled_from(["GET", "POST"]))
def test_no_address_fails_however_it_is_spelt(world: World, path: str, method: str) -> None:
    with world.browser("leader").open("/" + path, method=method) as answer:
        assert is_well(answer)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=40)
    | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "stream",
        "generation",
        "since",
        "at",
        "presence",
        "active",
        "d",
        "proto",
        "schema",
        "epoch",
        "client_key",
        "n",
        "update",
        "anchor",
        "head",
    ]
)
VALUES = JSON | st.sampled_from(
    [-1, 0, 1, 2**31, 2**53, 10**20, "1", "thread:1", "application:1", "thread:" + "9" * 50]
)
MESSAGES = st.one_of(st.dictionaries(KEYS, VALUES, max_size=8), JSON)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_message_is_answered_or_ends_the_connection(
    world: World, sockets: dict[str, Any], capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    namespace, event = data.draw(st.sampled_from([*sorted(namespaces._handlers), ("/", "nothing"), ("/doc", "")]))
    arguments = data.draw(st.lists(MESSAGES, max_size=3) | st.lists(MESSAGES, min_size=1, max_size=1))
    before = counts(world)

    answer = sockets[namespace].emit(event, *arguments, namespace=namespace, callback=True)

    assert answer is None or answer["ok"] or {"code", "message"} <= set(answer["error"]), answer
    assert answer is None or answer["ok"] or answer["error"]["code"] != "failed", answer
    assert "Traceback" not in capsys.readouterr().err
    assert counts(world) == before


@pytest.fixture
def sockets(world: World, connect: Callable[..., Any]) -> dict[str, Any]:
    """Ana's connection to each namespace, with limits that a test of many messages does not reach."""
    opened = {name: connect(namespace=name, browser=world.browser("leader")) for name in namespaces.NAMESPACES}
    for peer in peers:
        peer.bucket = None
        for bucket in ("edits", "opens", "moves"):
            if bucket in peer.memory:
                peer.memory[bucket] = Bucket(10_000, 10_000)
    return opened
