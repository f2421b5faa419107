"""Who gets a fragment, who does not, and what somebody who was away gets."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from portal import live
from portal.extensions import db
from portal.live.history import KEPT
from portal.transaction import commit, on_commit, rollback
from tests.browsing import ORIGIN
from tests.live.conftest import ask, heard


def test_a_fragment_reaches_those_who_watch_and_nobody_else(make, lounge, watch, connect):
    ana, ben, eve = make.person("Ana"), make.person("Ben"), make.person("Eve")
    lounge.let_in(ana, ben)
    first, second, outside = watch(ana), watch(ben), connect(eve)
    assert ask(outside)["error"]["code"] == "not_found"

    lounge.say("Hello")

    assert [message["html"] for message in heard(first)] == ["<p>Hello</p>"]
    assert [message["html"] for message in heard(second)] == ["<p>Hello</p>"]
    assert outside.get_received() == []


def test_another_room_hears_nothing(make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    here, elsewhere = watch(ana, "lounge:1"), watch(ben, "lounge:2")

    lounge.say("Hello", "lounge:1")

    assert heard(here)
    assert heard(elsewhere) == []


def test_what_was_rolled_back_is_not_told(app, make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    with app.app_context():
        on_commit(live.refresh, "lounge:1")
        rollback()
        commit()

    assert heard(socket) == []


def test_one_who_may_not_is_told_so_and_hears_nothing(make, lounge, connect):
    ben = make.person("Ben")
    lounge.let_in(ben)
    lounge.banned.add(ben.id)
    socket = connect(ben)

    assert ask(socket)["error"]["code"] == "forbidden"

    lounge.say("Hello")
    assert heard(socket) == []


def test_after_unsubscribe_nothing_comes(make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    assert socket.emit("unsubscribe", {"stream": "lounge:1"}, callback=True) == {"ok": True}

    lounge.say("Hello")
    assert heard(socket) == []


def test_a_recheck_puts_everybody_out_and_lets_those_ask_who_still_may(app, make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    stays, leaves = watch(ana), watch(ben)

    lounge.guests.remove(ben.id)
    with app.app_context():
        on_commit(live.recheck, "lounge:1")
        commit()

    assert heard(stays, "recheck") == heard(leaves, "recheck") == [{"stream": "lounge:1"}]
    assert ask(stays)["ok"]
    assert ask(leaves)["error"]["code"] == "not_found"
    lounge.say("Between us")
    assert heard(stays)
    assert heard(leaves) == []


def test_asking_again_without_the_right_puts_out(make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    lounge.guests.clear()
    assert ask(socket)["error"]["code"] == "not_found"

    lounge.say("Hello")
    assert heard(socket) == []


def test_fragments_are_numbered_without_holes_under_one_generation(make, lounge, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    for text in "abc":
        lounge.say(text)

    messages = heard(socket)
    assert [message["seq"] for message in messages] == [1, 2, 3]
    assert len({message["generation"] for message in messages}) == 1


def test_who_was_away_gets_what_was_missed_and_no_more(make, lounge, watch, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)
    for text in "abcd":
        lounge.say(text)
    last = heard(socket)[1]

    answer = ask(connect(ana), generation=last["generation"], since=last["seq"])

    assert answer["missed"] == ["<p>c</p>", "<p>d</p>"]
    assert (answer["generation"], answer["seq"]) == (last["generation"], 4)
    assert ask(connect(ana), generation=last["generation"], since=4)["missed"] == []


def test_a_page_gets_what_was_said_between_its_making_and_its_ask(app, make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    with app.test_request_context("/", base_url=ORIGIN):
        app.preprocess_request()
        made_at = app.jinja_env.globals["page_at"]()

    lounge.say("Meanwhile")

    assert ask(connect(ana), at=made_at)["missed"] == ["<p>Meanwhile</p>"]
    assert ask(connect(ana), at=made_at + 60_000)["missed"] == []
    assert ask(connect(ana))["missed"] == []


def test_who_missed_more_than_is_kept_reads_the_page_anew(make, lounge, watch, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)
    for number in range(KEPT + 2):
        lounge.say(str(number))
    messages = heard(socket)
    assert len(messages) == KEPT + 2
    first, second = messages[0], messages[1]

    assert ask(connect(ana), generation=first["generation"], since=first["seq"])["refresh"] is True
    kept = ask(connect(ana), generation=second["generation"], since=second["seq"])
    assert len(kept["missed"]) == KEPT
    assert kept["missed"][-1] == f"<p>{KEPT + 1}</p>"


def test_a_page_from_the_cache_of_an_hour_ago_reads_itself_anew(make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    lounge.say("News")

    assert ask(connect(ana), at=1_700_000_000_000)["refresh"] is True


def test_when_redis_lost_its_memory_everybody_reads_the_page_anew(app, make, lounge, watch, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)
    lounge.say("Before")
    last = heard(socket)[0]

    app.extensions["redis"].flushall()
    lounge.say("After")

    assert heard(socket)[0]["generation"] != last["generation"]
    assert ask(connect(ana), generation=last["generation"], since=last["seq"])["refresh"] is True


def test_a_fragment_cannot_depend_on_who_caused_it(app, make, lounge, sign_in):
    ana = make.person("Ana")
    lounge.let_in(ana)

    with app.app_context(), pytest.raises(UndefinedError):
        live.publish("lounge:1", app.jinja_env.from_string("{{ current_user.name }}"))


def test_a_form_in_a_fragment_carries_nobodys_token(app, lounge, make, watch):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = watch(ana)

    lounge.say("x", template='<input name="csrf_token" value="{{ csrf_token() }}">')

    assert heard(socket)[0]["html"] == '<input name="csrf_token" value="">'


def test_rendering_leaves_no_transaction_open_in_a_job(app, lounge, make):
    ana = make.person("Ana")
    with app.app_context():
        user = db.session.get(type(ana), ana.id)
        on_commit(live.publish, "lounge:1", app.jinja_env.from_string("{{ user.name }}"), user=user)
        commit()

        assert not db.session().in_transaction()


def test_a_stream_that_nobody_registered_is_a_mistake_of_ours(app):
    with app.app_context(), pytest.raises(ValueError, match="cellar"):
        live.recheck("cellar:1")
