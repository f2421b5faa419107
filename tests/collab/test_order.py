"""The log has no gaps, and everybody hears it in its order, whoever writes at once and however it arrives."""

from __future__ import annotations

import random
import secrets
import threading
from itertools import pairwise

from portal.collab import bodies
from portal.collab.log import updates_after
from portal.collab.models import DocHead
from portal.collab.protocol import unframe
from portal.collab.rooms import Stretch
from portal.extensions import db

WRITERS, EDITS = 5, 15


def test_many_writers_at_once_leave_no_gap_and_no_double(app, make, note, tab, log_of):
    people = [make.person(f"Person {number}") for number in range(WRITERS)]
    documents = [note(writers=people), note(writers=people)]
    tabs = [[tab(person, document) for document in documents] for person in people]
    listening = [tab(people[0], document) for document in documents]

    def write(mine):
        for number in range(EDITS):
            for one in mine:
                one.send(one.typed(f"{number} "))

    threads = [threading.Thread(target=write, args=(mine,)) for mine in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for which, document in enumerate(documents):
        rows = log_of(document)
        assert [row.seq for row in rows] == list(range(1, WRITERS * EDITS + 1))
        assert len({(row.user_id, row.client_key, row.n) for row in rows}) == len(rows)
        with app.app_context():
            assert db.session.query(DocHead.seq).filter_by(doc_id=document).scalar() == len(rows)
        words = listening[which].text.split()  # `hear` fails at the first stretch that does not follow
        assert len(words) == WRITERS * EDITS
        assert all(mine[which].hear().saved[-1]["n"] == EDITS for mine in tabs)
        assert len({mine[which].text for mine in tabs} | {tab(people[0], document).text}) == 1


def test_what_another_process_wrote_is_heard_in_order_once_however_it_arrives(app, make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    writer = tab(ana, document)
    for number in range(30):
        writer.write(f"{number} ")
    engine = app.extensions["collab"]
    with app.app_context():
        log = updates_after(document, 0)
    dice = random.Random(7)
    for _ in range(20):
        reader = tab(ben, document, since=0, epoch=1)
        room = engine.rooms.get(document)
        room.rewind(0)  # as if this process had relayed nothing yet
        reader.seq = 0
        reader.hear().events.clear()
        edges = sorted({0, len(log), *dice.sample(range(1, len(log)), 5)})
        stretches = [Stretch(start + 1, tuple(log[start:end]), 1) for start, end in pairwise(edges)]
        stretches += dice.sample(stretches, 2)
        dice.shuffle(stretches)
        for stretch in stretches:
            room.offer(stretch)
        heard = [data for name, data in reader.hear().events if name == "edits"]
        assert [data["from_seq"] for data in heard] == [1, *(data["to_seq"] + 1 for data in heard[:-1])]
        assert [update for data in heard for update in unframe(data["updates"])] == log
        assert room.relayed == len(log)
        reader.socket.disconnect("/doc")


def test_a_stretch_that_never_came_is_read_from_the_log(app, make, note, tab):
    ana, ben = make.person("Ana"), make.person("Ben")
    document = note(writers=[ana, ben])
    writer, reader = tab(ana, document), tab(ben, document)
    for word in ("one ", "two ", "three"):
        writer.write(word)
    engine = app.extensions["collab"]
    room = engine.rooms.get(document)
    reader.hear().events.clear()
    room.rewind(0)
    with app.app_context():
        log = updates_after(document, 0)
    engine.relay.offer(room, Stretch(3, (log[2],), 1))
    assert room.relayed == 3
    assert reader.seq == 3

    room.rewind(1)
    engine.relay.sweep()
    assert room.relayed == 3, "the sweep finds what Redis lost"


def test_the_sweep_puts_out_who_lost_the_right_while_redis_was_away(app, make, note, tab, rights):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    with app.app_context():
        rights.give(ana, document, "none")
        db.session.query(DocHead).filter_by(doc_id=document).update({"rights_seq": 1})
        db.session.commit()
    app.extensions["collab"].relay.sweep()
    assert [answer["code"] for answer in first.hear().refused] == ["gone"]


def test_since_reading_gives_exactly_what_came_after(app, make, note, tab):
    ana = make.person("Ana")
    document = note(writers=[ana])
    first = tab(ana, document)
    sent = [first.typed(secrets.token_hex(4)) for _ in range(9)]
    for update in sent:
        first.send(update)
    with app.app_context():
        for since in range(10):
            assert list(unframe(bodies.body_since(document, since, 1, role="write").framed)) == sent[since:]
