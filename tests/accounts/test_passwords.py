"""Hashing: never inside a transaction, few at once, and a clear answer when too many wait."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from portal.accounts import passwords
from portal.accounts.models import User
from portal.extensions import db
from tests.builders.accounts import PASSWORD


def test_hashing_inside_a_transaction_is_a_mistake_of_ours(app):
    with app.app_context():
        db.session.get(User, 1)
        with pytest.raises(RuntimeError, match="transaction is open"):
            passwords.hash_password(PASSWORD)


def test_letters_that_look_the_same_are_the_same(app):
    with app.app_context():
        assert passwords.verify("contrase\u00f1a larga", passwords.hash_password("contrasen\u0303a larga"))


def test_two_hashes_are_never_the_same_and_say_how_they_were_made(app):
    with app.app_context():
        first, second = passwords.hash_password(PASSWORD), passwords.hash_password(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$v=19$m=8192,t=3,p=4$")


def test_what_is_no_hash_fits_no_password(app):
    with app.app_context():
        assert not passwords.verify(PASSWORD, "not a hash")
        assert not passwords.verify(PASSWORD, None)


def test_when_too_many_wait_the_next_is_told_to_come_back(app, client, make):
    ana = make.person("Ana", password=PASSWORD)
    hasher = app.extensions["passwords"]
    places = passwords.AT_ONCE + passwords.WAITING
    for _ in range(places):
        assert hasher.admitted.acquire(blocking=False)
    try:
        answer = client.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    finally:
        for _ in range(places):
            hasher.admitted.release()

    assert answer.status_code == 503
    assert ana.email in answer.text
    assert PASSWORD not in answer.text
    assert client.post("/sign-in", data={"email": ana.email, "password": PASSWORD}).status_code == 303


def test_never_more_than_two_run_at_once(app):
    hasher, running, most = app.extensions["passwords"], [], []

    def work():
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.02)
        running.pop()

    def wait_in_turn():
        with app.app_context():
            hasher._in_turn(work)

    threads = [threading.Thread(target=wait_in_turn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(most) == 8
    assert max(most) == passwords.AT_ONCE


def test_under_gevent_other_requests_go_on_while_a_password_is_hashed():
    """In a process of its own, since patching cannot be undone."""
    done = subprocess.run([sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "others went on"


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent
from flask import Flask
from portal.accounts.passwords import Hasher
from portal.extensions import db

turns = []
def others():
    while True:
        turns.append(1)
        gevent.sleep(0.001)

app = Flask("test")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db.init_app(app)
with app.app_context():
    gevent.spawn(others)
    gevent.sleep(0.01)
    before = len(turns)
    Hasher(65536).hash("four quiet herons wade")
    print("others went on" if len(turns) > before + 5 else "others stood still")
"""
