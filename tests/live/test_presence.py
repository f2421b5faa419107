"""A number for who reads, names only for who writes."""

from __future__ import annotations

from portal.live import presence
from tests.live.conftest import ask, heard


def test_readers_are_counted_and_not_named(make, lounge, connect):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    first, second = connect(ana), connect(ben)

    ask(first, presence=True)
    ask(second, presence=True)

    counts = heard(first, "readers")
    assert counts == [{"stream": "lounge:1", "count": 1}, {"stream": "lounge:1", "count": 2}]
    assert heard(second, "readers") == [{"stream": "lounge:1", "count": 2}]


def test_two_windows_of_one_person_are_one_reader(make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    first, second = connect(ana), connect(ana)

    ask(first, presence=True)
    ask(second, presence=True)

    assert heard(second, "readers") == [{"stream": "lounge:1", "count": 1}]
    second.disconnect()
    assert presence.count_readers("lounge:1") == 1


def test_who_leaves_is_counted_no_longer(make, lounge, connect):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    stays, leaves = connect(ana), connect(ben)
    ask(stays, presence=True)
    ask(leaves, presence=True)

    leaves.disconnect()

    assert heard(stays, "readers")[-1]["count"] == 1


def test_who_lost_the_right_to_read_is_counted_no_longer(make, lounge, connect):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    stays, leaves = connect(ana), connect(ben)
    ask(stays, presence=True)
    ask(leaves, presence=True)
    lounge.guests.remove(ben.id)

    assert not ask(leaves, presence=True)["ok"]

    assert heard(stays, "readers")[-1]["count"] == 1
    assert [sign["count"] for sign in heard(leaves, "readers")] == [2]


def test_who_did_not_ask_for_the_count_does_not_get_it(make, lounge, connect, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    quiet = watch(ben)

    ask(connect(ana), presence=True)

    assert heard(quiet, "readers") == []


def test_a_killed_processes_readers_are_forgotten(app, make, lounge, connect):
    ana = make.person("Ana")
    lounge.let_in(ana)
    socket = connect(ana)
    ask(socket, presence=True)
    app.extensions["redis"].hset(presence.key("lounge:1"), "another-process:99", 1)

    presence.beat()

    assert presence.count_readers("lounge:1") == 1


def test_the_others_see_who_writes_and_the_writer_does_not(make, lounge, watch, connect):
    ana, ben, eve = make.person("Ana"), make.person("Ben"), make.person("Eve")
    lounge.let_in(ana, ben)
    writer, reader, outside = watch(ana), watch(ben), connect(eve)

    assert writer.emit("writing", {"stream": "lounge:1"}, callback=True) == {"ok": True}

    assert heard(reader, "writing") == [{"stream": "lounge:1", "active": True, "user": ana.id, "name": "Ana"}]
    assert writer.get_received() == outside.get_received() == []


def test_signs_of_writing_are_thinned_out_and_stopping_is_told_at_once(make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    writer, reader = watch(ana), watch(ben)

    for _ in range(5):
        writer.emit("writing", {"stream": "lounge:1"})
    writer.emit("writing", {"stream": "lounge:1", "active": False})

    assert [sign["active"] for sign in heard(reader, "writing")] == [True, False]


def test_nobody_writes_beside_a_stream_that_they_do_not_watch(make, lounge, watch, connect):
    ana, eve = make.person("Ana"), make.person("Eve")
    lounge.let_in(ana)
    reader, outside = watch(ana), connect(eve)

    answer = outside.emit("writing", {"stream": "lounge:1"}, callback=True)

    assert answer["error"]["code"] == "not_watching"
    assert heard(reader, "writing") == []


def test_what_a_client_says_of_itself_is_ignored(make, lounge, watch):
    ana, ben = make.person("Ana"), make.person("Ben")
    lounge.let_in(ana, ben)
    writer, reader = watch(ana), watch(ben)

    writer.emit("writing", {"stream": "lounge:1", "name": "<script>", "user": 1_000_000})

    assert heard(reader, "writing")[0]["name"] == "Ana"
