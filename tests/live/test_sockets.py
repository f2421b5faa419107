"""Who may connect, what a socket may send, and how it ends with the session."""

from __future__ import annotations

import pytest

from portal import live
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.extensions import db, socketio
from portal.live import history, sessions, watching
from portal.live.namespaces import NAMESPACES
from portal.transaction import commit, on_commit
from tests.live.conftest import ask, heard


def test_a_signed_in_person_connects_to_both_namespaces(make, connect):
    ana = make.person("Ana")

    assert all(connect(ana, namespace=namespace).is_connected(namespace) for namespace in NAMESPACES)


def test_a_stranger_does_not_connect(connect):
    assert not connect().is_connected()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:8450.evil.example", "null", ""])
def test_a_page_of_another_origin_does_not_connect(make, connect, origin):
    assert not connect(make.person("Ana"), origin=origin).is_connected()


def test_a_revoked_session_does_not_connect(app, make, sign_in, connect):
    ana = make.person("Ana")
    browser = sign_in(ana)
    end_sessions(app)

    assert not connect(browser=browser).is_connected()


def test_signing_out_closes_the_sockets_of_that_session_only(app, make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    signed_out, other_browser = watch(ana), watch(ana)
    first = min(peer.principal.session_id for peer in live.peers)

    with app.app_context():
        on_commit(live.disconnect_session, first)
        commit()

    assert not signed_out.is_connected()
    assert other_browser.is_connected()
    lounge.say("Hello")
    assert signed_out.queue == []
    assert heard(other_browser)


def test_a_suspended_persons_sockets_all_close(app, make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    gone = [watch(ana), watch(ana)]
    stays = watch(ben)

    with app.app_context():
        on_commit(live.disconnect_user, ana.id)
        commit()

    assert [socket.is_connected() for socket in gone] == [False, False]
    assert stays.is_connected()


def test_the_sweep_closes_what_no_order_reached(app, make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    ended = watch(ana)
    end_sessions(app)
    stays = watch(ben)

    sessions.sweep(app)

    assert not ended.is_connected()
    assert stays.is_connected()


def test_without_redis_the_sweep_judges_what_is_watched(app, make, lounge, watch, without_redis):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    loses, keeps = watch(ana), watch(ben)
    lounge.guests.remove(ana.id)

    sessions.sweep(app)

    assert heard(loses, "recheck") == [{"stream": "lounge:1"}]
    lounge.say("Hello")
    assert heard(loses) == []
    assert heard(keeps)


def test_an_ask_after_the_session_ended_is_refused(app, make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = connect(ana)
    end_sessions(app)

    assert ask(socket)["error"]["code"] == "signed_out"


def test_a_suspended_person_asks_in_vain(app, make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = connect(ana)
    with app.app_context():
        db.session.get_one(User, ana.id).suspended_at = utcnow()
        commit()

    assert ask(socket)["error"]["code"] == "signed_out"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"stream": "cellar:1"}, "unknown_stream"),
        ({"stream": "lounge"}, "unknown_stream"),
        ({"stream": "lounge:"}, "unknown_stream"),
        ({"stream": "lounge:01"}, "unknown_stream"),
        ({"stream": "lounge:-1"}, "unknown_stream"),
        ({"stream": "lounge:１"}, "unknown_stream"),
        ({"stream": "lounge:" + "9" * 5000}, "unknown_stream"),
        ({"stream": 7}, "unknown_stream"),
        ({"stream": ["lounge:1"]}, "unknown_stream"),
        ({}, "unknown_stream"),
        ({"stream": "lounge:1", "since": "1", "generation": "a"}, "malformed"),
        ({"stream": "lounge:1", "since": -1, "generation": "a"}, "malformed"),
        ({"stream": "lounge:1", "since": True, "generation": "a"}, "malformed"),
        ({"stream": "lounge:1", "since": 2**60, "generation": "a"}, "malformed"),
        ({"stream": "lounge:1", "since": 1, "generation": {"a": 1}}, "malformed"),
        ({"stream": "lounge:1", "since": 1, "generation": "a b"}, "malformed"),
        ({"stream": "lounge:1", "at": 1.5}, "malformed"),
        ("lounge:1", "malformed"),
        (None, "malformed"),
        ([], "malformed"),
    ],
)
@pytest.mark.parametrize("event", ["subscribe", "unsubscribe", "writing"])
def test_a_message_of_the_wrong_form_gets_a_code(make, lounge, connect, capfd, event, payload, code):
    ana = make.person("Ana")
    lounge.let_in(ana)

    answer = connect(ana).emit(event, payload, callback=True)

    if event != "subscribe" and isinstance(payload, dict) and code == "malformed":
        assert answer["ok"] or answer["error"]["code"] == "not_watching"  # they do not read these fields
    else:
        assert answer["error"]["code"] == code
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [(), ({}, {}), ({}, 1, 2), (b"bytes",)])
def test_wrong_arguments_get_a_code(make, connect, arguments):
    assert connect(make.person("Ana")).emit("subscribe", *arguments, callback=True)["error"]["code"] == "malformed"


@pytest.mark.parametrize("event", ["launch", "", "subscribe ", "__init__", "message", "json"])
def test_an_unknown_event_gets_a_code(make, connect, event):
    assert connect(make.person("Ana")).emit(event, {}, callback=True)["error"]["code"] == "malformed"


def test_a_socket_that_talks_too_fast_is_told_so_and_others_are_not(make, lounge, connect):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    loud, calm = connect(ana), connect(ben)

    answers = [loud.emit("unsubscribe", {"stream": "lounge:1"}, callback=True) for _ in range(200)]

    assert answers[0] == {"ok": True}
    assert answers[-1]["error"]["code"] == "rate"
    assert ask(calm)["ok"]


def test_one_socket_watches_two_hundred_streams_at_most(make, lounge, connect, monkeypatch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    monkeypatch.setattr(watching, "MAX_STREAMS", 3)
    socket = connect(ana)

    answers = [ask(socket, f"lounge:{number}") for number in range(1, 5)]

    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[3]["error"]["code"] == "too_many"
    assert ask(socket, "lounge:2")["ok"]


def test_a_gate_that_fails_is_our_mistake_and_lets_nobody_in(make, lounge, connect):
    ana = make.person("Ana")
    lounge.guests = None  # so that asking it raises TypeError
    socket = connect(ana)

    assert ask(socket)["error"]["code"] == "failed"

    lounge.say("Hello")
    assert heard(socket) == []


def test_without_redis_fragments_arrive_and_who_comes_back_reads_anew(app, make, lounge, watch, connect, without_redis):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    lounge.say("Hello")

    [message] = heard(socket)
    assert (message["html"], message["generation"], message["seq"]) == ("<p>Hello</p>", None, None)
    assert ask(connect(ana), generation="abc", since=3)["refresh"] is True
    assert "refresh" not in ask(connect(ana), at=history.now_ms())


def test_when_redis_is_back_a_stream_that_went_on_without_it_starts_anew(
    app, make, lounge, watch, connect, without_redis
):
    ana = make.person("Ana")
    lounge.let_in(ana)
    without_redis.end()
    socket = watch(ana)
    lounge.say("Before")
    known = heard(socket)[0]
    without_redis.begin()
    lounge.say("Unnumbered")

    without_redis.end()
    watching.catch_all_up()

    assert heard(socket, "recheck") == [{"stream": "lounge:1"}]
    assert ask(connect(ana), generation=known["generation"], since=known["seq"])["refresh"] is True


def test_the_next_fragment_after_an_outage_lets_those_ask_who_missed_one(make, lounge, watch, without_redis):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    missed, other = watch(ana, "lounge:1"), watch(ben, "lounge:2")
    lounge.say("Unnumbered", "lounge:1")
    heard(missed)

    without_redis.end()
    lounge.say("Numbered", "lounge:2")

    assert heard(missed, "recheck") == [{"stream": "lounge:1"}]
    assert [message["seq"] for message in heard(other)] == [1]


def test_nothing_of_a_socket_remains_when_it_has_gone(make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    socket.disconnect()

    assert list(live.peers) == []
    assert list(socketio.server.manager.get_participants("/", "lounge:1")) == []


def end_sessions(app):
    with app.app_context():
        for session in db.session.scalars(db.select(AuthSession)):
            session.revoked_at = utcnow()
        commit()
