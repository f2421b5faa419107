"""Two people write in one document: each hears the other, and "saved" means committed."""

from __future__ import annotations

from portal.extensions import socketio
from tests.collab.tabs import Tab


def test_two_people_see_each_others_words(make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note("Vision:", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)

    first.write(" kind")
    second.hear().write(" care")
    first.hear()
    second.send(second.added("And a second paragraph."))

    assert first.text == second.text == "Vision: kind care\nAnd a second paragraph."
    assert first.saved == [{"d": document, "n": 1, "seq": 1}]
    assert second.saved == [{"d": document, "n": 1, "seq": 2}, {"d": document, "n": 2, "seq": 3}]


def test_words_typed_at_the_same_moment_are_all_kept(make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note("Vision", writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    hers, his = first.typed(" kind"), second.typed(" calm")
    second.send(his)
    first.send(hers)

    assert first.text == second.text
    assert {"kind", "calm"} <= set(first.text.split())
    assert tab(ana, document).text == first.text


def test_a_newcomer_and_one_who_comes_back_get_what_they_miss(make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    first, second = tab(ana, document), tab(ben, document)
    first.write("One ")
    second.hear()
    second.socket.emit("close", {"d": document}, namespace="/doc")
    first.write("two ")
    first.write("three")
    assert "edits" not in [message["name"] for message in second.socket.get_received("/doc")]

    answer = second.open(since=1)

    assert (answer["ok"], answer["seq"], answer["role"]) == (True, 3, "write")
    assert second.text == first.text == tab(ben, document).text == "One two three"


def test_who_asks_with_another_epoch_is_sent_everything(make, note, tab):
    ana = make.person("Ana")
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    first.write(" and on")
    answer = first.open(since=1, epoch=7)
    assert answer["epoch"] == 1
    assert len(answer["body"]) > 60, "the state is part of it"
    assert tab(ana, document, since=99, epoch=1).text == "Start and on"


def test_an_edit_reaches_nobody_outside_its_document(make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    here, elsewhere = note(writers=[ana, ben]), note(writers=[ana, ben])
    first, other = tab(ana, here), tab(ben, elsewhere)
    first.write("secret")
    assert first.saved or first.hear().saved
    assert other.socket.get_received("/doc") == []
    assert other.text == ""


def test_a_repeated_edit_is_answered_and_stands_once(make, note, tab, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    update = first.typed("Once")
    first.send(update)
    first.open()
    first.send(update, n=1)

    assert first.hear().saved == [{"d": document, "n": 1, "seq": 1}] * 2
    assert len(log_of(document)) == 1
    assert tab(ana, document).text == "Once"


def test_what_was_stored_is_saved_even_when_the_right_is_lost_before_the_answer(make, note, tab, rights, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    update = first.typed("Mine")
    first.send(update)
    rights.change(ana, document, "read")
    first.open()
    first.send(update, n=1)
    assert first.hear().saved[-1] == {"d": document, "n": 1, "seq": 1}
    assert first.refused == []
    assert len(log_of(document)) == 1


def test_saved_covers_everything_up_to_its_number(make, note, tab):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    for word in ("a ", "b ", "c "):
        first.write(word)
    numbers = [answer["n"] for answer in first.hear().saved]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 3


def test_a_number_that_was_left_out_is_refused_not_covered(make, note, tab, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    first.write("one ")
    first.send(first.typed("two "), n=3)
    assert [answer["code"] for answer in first.hear().refused] == ["rate"]
    assert len(log_of(document)) == 1


def test_edits_whose_predecessors_are_lost_have_no_ground_and_are_refused(make, note, tab, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    first.send(first.typed("two "), n=2)
    assert [answer["code"] for answer in first.hear().refused] == ["malformed"]
    assert log_of(document) == []


def test_two_tabs_of_one_person_have_numbers_of_their_own(make, note, tab, sign_in, log_of):
    ana = make.person("Ana")
    document = note(writers=[ana])
    browser = sign_in(ana)
    first, copy = tab(ana, document, browser=browser), tab(ana, document, browser=browser)
    first.write("one ")
    copy.hear().write("two")
    assert first.text == copy.text == "one two"
    assert [row.n for row in log_of(document)] == [1, 1]


def test_somebody_elses_key_uses_up_nobodys_numbers(make, note, tab, log_of):
    ana, eve = make.person("Ana"), make.person("Eve")
    document = note(writers=[ana, eve])
    victim, thief = tab(ana, document), tab(eve, document)
    thief.key = victim.key
    assert thief.open()["ok"]
    thief.write("Eve ")
    victim.hear().write("Ana")
    assert victim.saved == [{"d": document, "n": 1, "seq": 2}] or victim.hear().saved[-1]["seq"] == 2
    assert [(row.user_id, row.n) for row in log_of(document)] == [(eve.id, 1), (ana.id, 1)]


def test_opening_asks_the_database_a_few_questions_only(make, note, tab, connect, statements):
    ana = make.person("Ana")
    document = note("Text", writers=[ana])
    tab(ana, document).write("more")
    socket = connect(ana, namespace="/doc")
    with statements() as seen:
        assert Tab(socket, document).answer["ok"]
    assert len(seen) <= 8, seen


def test_an_edit_asks_the_database_a_few_questions_only(make, note, tab, statements):
    ana = make.person("Ana")
    document = note("Text", writers=[ana])
    first = tab(ana, document)
    first.write("one")
    update = first.typed("two")
    with statements() as seen:
        first.send(update)
    assert len(seen) <= 6, seen


def test_the_server_keeps_no_room_when_everybody_left(app, make, note, tab):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    first.open()
    engine = app.extensions["collab"]
    assert engine.rooms.get(document).holders == 1
    first.socket.disconnect("/doc")
    assert list(engine.rooms) == []
    assert socketio.server.manager.rooms.get("/doc", {}).get(f"document:{document}") is None
