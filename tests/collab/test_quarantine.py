"""One bad update harms nobody: it is found, put aside and said, and the text goes on without it."""

from __future__ import annotations

import base64
import faulthandler
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pycrdt import Array, Doc, XmlFragment

from portal.audit import AuditEvent
from portal.clock import utcnow
from portal.collab import actions, applying, queries, reader
from portal.collab.applying import ApplyError, apply, in_child
from portal.collab.models import DocHead, DocQuarantine, DocRescue, DocState, DocUpdate, DocVersion
from portal.collab.protocol import MalformedError, frame, unframe
from portal.collab.reader.culprits import NOTHING, _varint, find_culprits, garbage_like
from portal.collab.seed import seed
from portal.collab.structs import read_update
from portal.collab.updates import check_update
from portal.extensions import db
from portal.jobs import run_due_jobs
from portal.transaction import commit
from tests.collab import mutants
from tests.waiting import eventually

CORPUS = json.loads((Path(__file__).parents[1] / "data" / "poison.json").read_text())
BY_NAME = {case["name"]: case for case in CORPUS}


def decoded(case) -> tuple[bytes, list[bytes]]:
    return base64.b64decode(case["state"]), [base64.b64decode(update) for update in case["tail"]]


@pytest.fixture
def ana(make):
    return make.person("Ana")


@pytest.fixture
def eve(make):
    return make.person("Eve")


@pytest.fixture
def hold(app):
    """`hold(document, state, tail, eve)`: the document's log as if these had been appended an hour ago."""

    def put(document: int, state: bytes, tail: list[bytes], by, *, ago: timedelta = timedelta(hours=1)) -> None:
        moment = utcnow() - ago
        with app.app_context():
            db.session.execute(sa.update(DocState).values(body=state).where(DocState.doc_id == document))
            head = db.session.get_one(DocHead, document)
            for n, body in enumerate(tail, start=1):
                row = {"user_id": by.id, "client_key": f"key-of-{by.id:04}", "n": n, "at": moment}
                db.session.add(DocUpdate(doc_id=document, seq=head.seq + n, body=body, **row))
            head.seq, head.size, head.edited_at = head.seq + len(tail), len(state) + sum(map(len, tail)), moment
            commit()

    return put


def read_now(app, **options) -> int:
    with app.app_context():
        return reader.read_due(now_please=True, **{"apply": in_child, **options})


def reading_of(app, document):
    with app.app_context():
        return queries.readings([document])[document]


def rows_of(app, table, document, *columns):
    with app.app_context():
        return list(db.session.query(*columns or [table]).filter(table.doc_id == document).order_by(columns[0]))


def events_of(tab) -> list[str]:
    """What it heard, without taking it in: the poison would end this process."""
    return [message["name"] for message in tab.socket.get_received("/doc")]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_poison_update_is_put_aside_and_the_text_goes_on_without_it(app, ana, eve, note, tab, hold, name):
    state, tail = decoded(BY_NAME[name])
    document, place = note("Start", writers=[ana, eve]), BY_NAME[name]["culprit"]
    watching = tab(ana, document)
    hold(document, state, tail, eve)

    assert read_now(app) == 1

    kept = rows_of(app, DocQuarantine, document, DocQuarantine.seq, DocQuarantine.user_id, DocQuarantine.n)
    assert [tuple(row) for row in kept] == [(place + 1, eve.id, place + 1)]
    [body] = rows_of(app, DocQuarantine, document, DocQuarantine.body)
    assert body[0] == tail[place]
    log = rows_of(app, DocUpdate, document, DocUpdate.seq, DocUpdate.body)
    assert [row.seq for row in log] == list(range(1, len(tail) + 1)), "no hole"
    assert tail[place] not in [row.body for row in log]
    assert "reset" in events_of(watching)

    reading = reading_of(app, document)
    assert not reading.is_behind
    newcomer = tab(ana, document)
    assert newcomer.answer["epoch"] == 2
    assert newcomer.text == reading.text != ""
    newcomer.write(" and on")
    assert newcomer.hear().saved
    assert read_now(app) == 1
    assert reading_of(app, document).text == newcomer.text


@pytest.mark.parametrize("name", [name for name, case in BY_NAME.items() if case["passes_the_gate"]])
def test_poison_that_passes_the_gate_is_relayed_until_it_is_read_and_not_after(app, ana, eve, note, tab, name):
    state, tail = decoded(BY_NAME[name])
    document = note("Start", writers=[ana, eve])
    with app.app_context():
        db.session.execute(sa.update(DocState).values(body=state))
        commit()
    sender, watching = tab(eve, document), tab(ana, document)
    for update in tail:
        sender.send(update)
    with app.app_context():
        db.session.execute(sa.update(DocHead).values(edited_at=utcnow() - timedelta(minutes=2)))
        commit()
    assert "edits" in events_of(watching)

    assert read_now(app) == 1
    assert events_of(watching) == ["reset"]
    assert len(rows_of(app, DocQuarantine, document, DocQuarantine.id)) == 1
    newcomer = tab(ana, document)
    assert newcomer.text == reading_of(app, document).text


def test_what_was_written_after_the_poison_stays(app, ana, eve, note, hold):
    """Ben's words stand elsewhere and beside Eve's lost ones; only what was typed right at those goes with them."""
    seeded = seed([("p", "One"), ("p", "Two")])
    by_eve, by_ben = Writing(seeded.state, client=900), Writing(seeded.state, client=800)
    lost = by_eve.typed(0, " lost")
    by_ben.doc.apply_update(lost)
    by_ben.updates.clear()
    tail = [lost, by_ben.typed(0, " at the lost"), by_ben.typed(1, " by Ben"), by_eve.typed(1, " by Eve")]
    document = note("x", writers=[ana, eve])
    hold(document, seeded.state, tail, eve)

    assert read_now(app, apply=failing_on(lost)) == 1
    assert sorted(reading_of(app, document).text.replace("\n", " ").split()) == sorted(
        ["One", "Two", "by", "Ben", "by", "Eve"]
    )
    [stored] = rows_of(app, DocState, document, DocState.seq, DocState.read_seq, DocState.epoch)
    assert tuple(stored) == (4, 4, 2), "nothing waits, so it was squashed at once"


def test_with_nothing_in_its_place_its_clients_later_words_would_wait_for_ever():
    seeded = seed([("p", "One")])
    by_eve = Writing(seeded.state, client=900)
    lost, later = by_eve.typed(0, " lost"), by_eve.typed(0, "front ", at=0)
    assert apply(seeded.state, [NOTHING, later], True).state is None
    filled = apply(seeded.state, [garbage_like(lost, [later]), later], True)
    assert (filled.text, filled.state is not None) == ("front One", True)


def test_a_gap_that_was_filled_is_squashed_whoever_wrote_around_it():
    """The clients of a state vector come in no order: for some ids other bytes say the same."""
    for number in range(30):
        seeded = seed([("p", "One"), ("p", "Two")])
        by_eve, by_ben = Writing(seeded.state, client=900 + number), Writing(seeded.state, client=800 + 7 * number)
        lost = by_eve.typed(0, " lost")
        by_ben.doc.apply_update(lost)
        by_ben.updates.clear()
        tail = [by_ben.typed(0, " at the lost"), by_ben.typed(1, " by Ben"), by_eve.typed(1, " by Eve")]
        assert apply(seeded.state, [garbage_like(lost, tail), *tail], True).state is not None


@pytest.mark.parametrize("where", ["at the root", "in a block"])
def test_a_number_among_the_blocks_does_not_hide_what_follows_it(app, ana, eve, note, tab, where):
    """The gate lets it through, and applying it raises nothing: the text only ended before it, without a word."""
    document = note("Start", "more", writers=[ana, eve])
    sender = tab(eve, document)
    other = Doc()
    if where == "at the root":
        updates = []
        watching = other.observe(lambda event: updates.append(event.update))
        other.get("body", type=Array).append(1)
        assert watching
        bad = updates.pop()
    else:
        bad = number_in(first_block(sender), client=4_242)
    assert sender.send(bad) == 1
    assert read_now(app) == 1
    [kept] = rows_of(app, DocQuarantine, document, DocQuarantine.body, DocQuarantine.error)
    assert kept.body == bad
    assert "neither element nor text" in kept.error
    assert reading_of(app, document).text == "Start\nmore"


def first_block(tab) -> tuple[int, int]:
    """Client and clock of the seed's first struct: a block under the root."""
    [piece, *_] = read_update(tab.doc.get_update())[0]
    return piece.client, piece.clock


def number_in(parent: tuple[int, int], *, client: int) -> bytes:
    """An update of one value, the number 1, whose parent is an element."""
    numbers = (1, 1, client, 0)
    any_content, no_root, whole_number = b"\x08", b"\x00", b"\x7d\x01"
    return (
        b"".join(map(_varint, numbers))
        + any_content
        + no_root
        + b"".join(map(_varint, parent))
        + b"\x01"
        + whole_number
        + b"\x00"
    )


class Writing:
    """Somebody's document with a known client id."""

    def __init__(self, state: bytes, *, client: int) -> None:
        self.doc = Doc(client_id=client)
        self.doc.apply_update(state)
        self.updates: list[bytes] = []
        self._watching = self.doc.observe(lambda event: self.updates.append(event.update))

    def typed(self, block: int, text: str, *, at: int | None = None) -> bytes:
        node = self.doc.get("body", type=XmlFragment).children[block].children[0]
        node.insert(len(str(node).encode()) if at is None else at, text)
        return self.updates.pop()


def failing_on(*updates: bytes):
    """An `apply` that fails where all of these stand in the tail."""

    def applied(state, tail, wants_state):
        if all(update in tail for update in updates):
            raise ApplyError("poison")
        return apply(state, tail, wants_state)

    return applied


def test_of_two_updates_that_only_fail_together_the_later_is_taken_out(app, ana, eve, note, tab, log_of):
    document = note("Start", writers=[ana, eve])
    first, second = tab(ana, document), tab(eve, document)
    one = first.typed(" one")
    first.send(one)
    second.hear().write(" two")
    two = rows_of(app, DocUpdate, document, DocUpdate.seq, DocUpdate.body)[1].body
    first.hear().write(" three")

    assert read_now(app, apply=failing_on(one, two)) == 1
    [kept] = rows_of(app, DocQuarantine, document, DocQuarantine.seq, DocQuarantine.user_id)
    assert tuple(kept) == (2, eve.id)
    assert reading_of(app, document).text == "Start one"
    assert len(log_of(document)) == 3


def test_several_poison_updates_are_taken_out_in_one_go(app, ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    bad = [first.added(f"bad {number}") for number in range(3)]
    for update in bad:
        first.send(update)
    first.send(first.added("good"))

    def fails(state, tail, wants_state):
        if set(bad) & set(tail):
            raise ApplyError("poison")
        return apply(state, tail, wants_state)

    assert read_now(app, apply=fails) == 1
    assert [row.seq for row in rows_of(app, DocQuarantine, document, DocQuarantine.seq)] == [1, 2, 3]
    assert events_of(first).count("reset") == 1


@pytest.mark.parametrize("times", [1, 2])
def test_what_fails_and_then_does_not_is_nobodys_fault(app, ana, note, tab, times):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    tried = []

    def fails_at_first(state, tail, wants_state):
        tried.extend([1] if tail else [])
        if tail and len(tried) <= times:
            raise ApplyError("the machine was short of memory")
        return apply(state, tail, wants_state)

    assert read_now(app, apply=fails_at_first) == 0
    assert read_now(app, apply=fails_at_first) == 1
    assert reading_of(app, document).text == "Start words"
    assert rows_of(app, DocQuarantine, document, DocQuarantine.id) == []


@pytest.mark.processes
@pytest.mark.parametrize("how", ["crashes", "hangs"])
def test_an_update_that_ends_or_holds_the_child_is_found_all_the_same(app, ana, note, tab, monkeypatch, how):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    first.write(" one")
    bad = first.typed(" bad")
    first.send(bad)
    real = applying.apply

    def harmful(state, tail, wants_state):
        while bad in tail:
            if how == "crashes":
                os.kill(os.getpid(), signal.SIGKILL)
        return real(state, tail, wants_state)

    monkeypatch.setattr(applying, "CPU_SECONDS", 1)
    monkeypatch.setattr(applying, "apply", harmful)
    assert read_now(app) == 1
    assert reading_of(app, document).text == "Start one"
    [kept] = rows_of(app, DocQuarantine, document, DocQuarantine.seq, DocQuarantine.error)
    assert tuple(kept) == (2, "the child died")


def test_a_search_has_an_end(monkeypatch):
    monkeypatch.setattr("portal.collab.reader.culprits.MAX_TRIALS", 4)
    tried = []

    def fails(state, tail, wants_state):
        tried.append(len(tail))
        if tail:
            raise ApplyError("all of it")
        return apply(state, tail, wants_state)

    with pytest.raises(reader.UnreadableError, match="too long"):
        find_culprits(seed([]).state, [NOTHING] * 1_000, fails)
    assert len(tried) == 4


def test_a_search_that_comes_to_no_end_keeps_what_it_found(monkeypatch):
    monkeypatch.setattr("portal.collab.reader.culprits.MAX_TRIALS", 12)
    state, bad = seed([]).state, [b"\x00\x01\x05\x01%c\x01" % number for number in range(20)]

    def fails(state, tail, wants_state):
        if set(bad) & set(tail):
            raise ApplyError("poison")
        return apply(state, tail, wants_state)

    assert find_culprits(state, bad, fails).keys() == {0}


@pytest.fixture
def quiet_faults():
    """No stack is printed for each child that dies as it should."""
    faulthandler.disable()
    yield
    faulthandler.enable(sys.__stderr__)


@pytest.mark.processes
@pytest.mark.usefixtures("quiet_faults")
def test_a_client_whose_clock_has_gaps_can_end_the_reading_child_but_not_the_text(app, ana, eve, note, tab, hold):
    """Each of these passes the gate, and nearly each can be applied by itself: together they end the process."""
    written = mutants.Writing()
    tail = [mutant for mutant in mutants.mutants(written.updates, 20_000, seed=20261124) if passes_the_gate(mutant)]
    with pytest.raises(ApplyError, match="the child died"):
        in_child(written.state, tail, False)
    document = note("x", writers=[ana, eve])
    hold(document, written.state, tail, eve)
    setbacks = reader.Setbacks()

    for _ in range(8):
        if read_now(app, setbacks=setbacks):
            break
        assert rows_of(app, DocState, document, DocState.failed_at) == [(None,)], "somebody is still looking"
        eventually(lambda: not setbacks.blocks(document), "the next search")

    newcomer = tab(ana, document)
    assert newcomer.text == reading_of(app, document).text
    newcomer.send(newcomer.added("and on"))
    assert newcomer.hear().saved
    assert read_now(app) == 1
    assert reading_of(app, document).text.endswith("and on")
    assert {row.user_id for row in rows_of(app, DocQuarantine, document, DocQuarantine.user_id)} == {eve.id}


def passes_the_gate(update: bytes) -> bool:
    try:
        check_update(update)
    except MalformedError:
        return False
    return True


def test_officers_are_told_once_a_day_and_nobody_reads_a_word(app, make, ana, eve, note, tab):
    officer, other = make.officer("Olu"), make.leader("Lea")
    document = note("Secret", writers=[eve])
    for number in range(2):
        first = tab(eve, document)
        bad = first.typed(f" poison {number}")
        first.send(bad)
        assert read_now(app, apply=failing_on(bad)) == 1
        first.socket.disconnect("/doc")
    with app.app_context():
        run_due_jobs()
        sent = app.extensions["mail_transport"].messages
        [mail] = sent
        assert officer.email in str(mail["To"])
        assert other.email not in str(mail["To"])
        words = mail.get_content()
        assert f"number {document}" in words
        assert "Secret" not in words
        assert "poison" not in words
        audited = db.session.scalars(sa.select(AuditEvent).filter_by(verb="updates_quarantined")).all()
    assert [event.details for event in audited] == [{"seqs": [seq], "user_ids": [eve.id]} for seq in (1, 2)]


def test_words_that_a_tab_typed_on_the_poisoned_text_can_be_handed_in(app, ana, eve, note, tab, sign_in):
    document = note("Start", writers=[ana, eve])
    browser = sign_in(ana)
    sender, writer = tab(eve, document), tab(ana, document, browser=browser)
    bad = sender.typed(" poison")
    sender.send(bad)
    writer.hear()
    late = writer.typed(" of Ana")
    assert read_now(app, apply=failing_on(bad)) == 1
    writer.send(late)
    assert [message["code"] for message in writer.hear().refused] == ["gone"]

    answer = browser.post(
        f"/documents/{document}/rescues",
        query_string={"epoch": 1, "base_seq": 1},
        data=frame([late]),
        content_type="application/octet-stream",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 201, answer.json
    with app.app_context():
        reader.read_rescues()
    assert rows_of(app, DocRescue, document, DocRescue.text, DocRescue.reason) == [(" of Ana", "reset")]


def test_a_version_that_was_kept_with_the_poison_and_not_read_yet_loses_it(app, ana, note, tab):
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    bad = first.typed(" poison")
    first.send(bad)
    with app.app_context():
        actions.keep_version(document, "daily")
        commit()
    assert read_now(app, apply=failing_on(bad)) == 1
    [body] = rows_of(app, DocVersion, document, DocVersion.body)
    assert bad not in unframe(body[0])
    assert len(list(unframe(body[0]))) == 2


# What waits for a part that does not come.


def test_what_waits_in_vain_is_kept_as_a_rescue_after_a_day_and_the_rest_is_squashed(app, ana, eve, note, hold):
    seeded = seed([("p", "One"), ("p", "Two")])
    by_eve, by_ana = Writing(seeded.state, client=900), Writing(seeded.state, client=800)
    by_eve.typed(0, " never sent")
    waiting, fine = by_eve.typed(1, " in vain"), by_ana.typed(0, " fine")
    document = note("x", writers=[ana, eve])
    hold(document, seeded.state, [waiting, fine], eve, ago=timedelta(hours=23))
    setbacks = reader.Setbacks()

    read_now(app, setbacks=setbacks)
    assert reading_of(app, document).text.startswith("One fine")
    assert rows_of(app, DocState, document, DocState.seq) == [(0,)], "it may still come"
    assert read_now(app, setbacks=setbacks) == 0, "meanwhile it is not tried again and again"

    with app.app_context():
        db.session.execute(sa.update(DocUpdate).values(at=utcnow() - timedelta(hours=25)))
        commit()
    read_now(app)
    assert rows_of(app, DocState, document, DocState.seq, DocState.epoch) == [(2, 2)]
    [rescue] = rows_of(app, DocRescue, document, DocRescue.user_id, DocRescue.reason, DocRescue.epoch, DocRescue.body)
    assert tuple(rescue) == (eve.id, "reset", 1, frame([waiting]))
    [kept] = rows_of(app, DocQuarantine, document, DocQuarantine.seq, DocQuarantine.error)
    assert tuple(kept) == (1, "it waits for a part that never came")


def test_what_stands_on_a_text_that_ended_with_a_quarantine_does_not_wait_for_a_day(app, ana, eve, note, hold):
    seeded = seed([("p", "One"), ("p", "Two")])
    by_eve = Writing(seeded.state, client=900)
    by_eve.typed(0, " not there")
    document = note("x", writers=[ana, eve])
    hold(document, seeded.state, [by_eve.typed(1, " too late")], eve)
    with app.app_context():
        db.session.add(
            DocQuarantine(doc_id=document, seq=1, epoch=1, client_key="key", n=1, at=utcnow(), error="", body=b"")
        )
        commit()
    read_now(app)
    assert rows_of(app, DocRescue, document, DocRescue.user_id) == [(eve.id,)]
    assert rows_of(app, DocState, document, DocState.seq) == [(1,)]


def test_a_state_that_does_not_read_back_leaves_the_former_one_and_the_text_is_read_all_the_same(
    app, ana, note, tab, monkeypatch
):
    document = note("Start", writers=[ana])
    tab(ana, document).write(" words")
    with app.app_context():
        db.session.execute(sa.update(DocHead).values(edited_at=utcnow() - timedelta(minutes=2)))
        commit()
    former = rows_of(app, DocState, document, DocState.seq, DocState.body)

    def never(*_):
        raise ApplyError("the squashed state does not read as the log does")

    monkeypatch.setattr(applying, "_verified", never)
    read_now(app)
    assert rows_of(app, DocState, document, DocState.seq, DocState.body) == former
    assert rows_of(app, DocState, document, DocState.failed_at) == [(None,)]
    assert reading_of(app, document).text == "Start words"

    monkeypatch.undo()
    read_now(app)
    assert rows_of(app, DocState, document, DocState.seq) == [(1,)]


# A document that cannot be read at all.


def test_an_unreadable_document_keeps_its_last_reading_and_takes_no_edit_until_it_can_be_read(
    app, make, ana, note, tab, log_of
):
    officer = make.officer("Olu")
    document = note("Start", writers=[ana])
    first = tab(ana, document)
    first.write(" words")
    [whole] = rows_of(app, DocState, document, DocState.body)
    break_state(app, document, b"\xff\xff\xff")
    first.hear().events.clear()

    for _ in range(2):
        assert read_now(app) == 0
    assert first.hear().events[-1] == ("role", {"d": document, "role": "write", "standing": "unreadable"})
    assert reading_of(app, document).text == "Start"
    assert reading_of(app, document).is_behind
    assert rows_of(app, DocState, document, DocState.body) == [(b"\xff\xff\xff",)], "never overwritten"
    first.write(" more")
    [refused] = first.hear().refused
    assert refused["code"] == "unreadable"
    assert len(log_of(document)) == 1
    with app.app_context():
        run_due_jobs()
        [mail] = app.extensions["mail_transport"].messages
        assert officer.email in str(mail["To"])
        events = db.session.scalars(sa.select(AuditEvent.verb).where(AuditEvent.verb.like("document_%read%"))).all()
    assert events == ["document_unreadable"]

    break_state(app, document, whole.body)
    assert read_now(app) == 1
    assert first.hear().events[-1] == ("role", {"d": document, "role": "write", "standing": "open"})
    assert reading_of(app, document).text == "Start words"
    again = tab(ana, document)
    again.write(" more")
    assert again.hear().saved
    assert again.text == "Start words more"


def test_a_version_that_is_brought_back_while_the_reason_is_looked_for_can_be_written_in(app, ana, note, tab):
    document = note("Start", writers=[ana])
    with app.app_context():
        version = actions.keep_version(document, "named", name="Good").id
        commit()
        reader.read_versions()
    first = tab(ana, document)
    first.write(" words")
    restored = []

    def fails(state, tail, wants_state):
        if not restored:
            restored.append(version)
            with app.app_context():  # the lead, in a process of their own
                actions.restore(db.session.get(DocVersion, version), by=ana)
                commit()
        raise ApplyError("as ever")

    assert read_now(app, apply=fails) == 0
    assert restored
    first.begin_anew()
    assert (first.answer["standing"], first.text) == ("open", "Start")
    first.write(" again")
    assert first.hear().saved
    with app.app_context():
        assert not db.session.scalars(sa.select(AuditEvent.id).where(AuditEvent.verb == "document_unreadable")).all()


def break_state(app, document: int, body: bytes) -> None:
    with app.app_context():
        db.session.execute(sa.update(DocState).values(body=body).where(DocState.doc_id == document))
        commit()
