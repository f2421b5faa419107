"""Mutated and crafted updates: refused, or taken by every reader; the document opens for everybody afterwards."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from portal.collab import reader
from portal.collab.applying import apply, in_child, worked_in_child
from portal.collab.protocol import MAX_UPDATE, MalformedError, frame, read_varint, unframe
from portal.collab.updates import check_update, read_update
from tests.collab.mutants import Writing, crafted, mutants, varint

MUTANTS = 20_000
SEED = 20261124
JS = Path(__file__).parents[1] / "js"

ANY, STRING, TYPE, FORMAT, EMBED = b"\x08", b"\x04", b"\x07", b"\x06", b"\x05"
ARRAY, OBJECT, NULL = b"\x75", b"\x76", b"\x7e"
ENDLESS = varint(2**32 - 1)

BROKEN = {
    "nothing": b"",
    "half a header": b"\x01",
    "a number without an end": b"\x80" * 20,
    "a number too large": b"\xff" * 9,
    "two clients": b"\x02\x01\x01\x00",
    "no structs": b"\x01\x00\x05\x00",
    "no list of deletions": b"\x00",
    "more after the end": b"\x00\x00\x00",
    "arrays in arrays": crafted(ANY + b"\x01" + (ARRAY + b"\x01") * 120_000 + NULL),
    "objects in objects": crafted(ANY + b"\x01" + (OBJECT + b"\x01\x00") * 80_000 + NULL),
    "arrays in the options of a document": crafted(b"\x09" + b"\x01a" + (ARRAY + b"\x01") * 100_000),
    "brackets in brackets": crafted(EMBED + varint(200_000) + b"[" * 100_000 + b"]" * 100_000),
    "endless values": crafted(ANY + ENDLESS),
    "an endless array": crafted(ANY + b"\x01" + ARRAY + ENDLESS),
    "an endless object": crafted(ANY + b"\x01" + OBJECT + ENDLESS),
    "an endless string": crafted(STRING + ENDLESS),
    "an endless gap": b"\x01\x01\x05\x00\x0a" + ENDLESS + b"\x00",
    "an endless deletion": b"\x00\x01\x05\x01\x00" + ENDLESS,
    "endless deletions": b"\x00\x01\x05" + ENDLESS,
    "deletions of endless people": b"\x00" + ENDLESS,
    "an empty string": crafted(STRING + b"\x00"),
    "an empty deletion": b"\x00\x01\x05\x01\x00\x00",
    "a string that is not UTF-8": crafted(STRING + b"\x01\xff"),
    "half an emoji": crafted(STRING + b"\x03\xed\xa0\x80"),
    "a name that is not UTF-8": crafted(STRING + b"\x01a", before=b"\x01\x01\xff"),
    "no parent": crafted(STRING + b"\x01a", before=b"\x02\x00\x00"),
    "its own parent": crafted(STRING + b"\x01a", before=b"\x00\x05\x00"),
    "its own neighbour": crafted(STRING + b"\x01a", clock=7, before=b"\x05\x07", info=0x80),
    "a neighbour not written yet": crafted(STRING + b"\x01a", clock=7, before=b"\x05\x09", info=0x40),
    "a clock past 32 bits": crafted(STRING + b"\x01a", clock=2**32 - 1),
    "a clock past 31 bits": crafted(STRING + b"\x02ab", clock=2**31 - 2),
    "a big integer": crafted(ANY + b"\x01\x7a" + bytes(8)),
    "a number of 54 bits": crafted(ANY + b"\x01\x7d" + b"\xff" * 7 + b"\x01"),
    "bytes as a value": crafted(ANY + b"\x01\x74\x01a"),
    "an unknown value": crafted(ANY + b"\x01\x10"),
    "an unknown content": crafted(b"\x0b\x00"),
    "a document in the document": crafted(b"\x09\x01a\x7e"),
    "a map": crafted(TYPE + b"\x01"),
    "a hook": crafted(TYPE + b"\x05\x01a"),
    "an unknown type": crafted(TYPE + b"\x17"),
    "a gap with flags": b"\x01\x01\x05\x00\x2a\x01\x00",
    "a mark that is no JSON": crafted(FORMAT + b"\x01a\x03{a}"),
}


@pytest.mark.any_database
@pytest.mark.parametrize("update", BROKEN.values(), ids=BROKEN)
def test_what_some_reader_cannot_take_is_no_update(update):
    assert len(update) <= MAX_UPDATE, "the gate is about what is inside"
    started = time.process_time()
    with pytest.raises(MalformedError):
        check_update(update)
    assert time.process_time() - started < 0.5


WHOLE = {
    "a letter": crafted(STRING + b"\x01a"),
    "an emoji": crafted(STRING + b"\x04\xf0\x9f\x98\x80"),
    "an element": crafted(TYPE + b"\x03\x05block"),
    "a text": crafted(TYPE + b"\x06"),
    "an attribute": crafted(ANY + b"\x01\x77\x01p", before=b"\x01\x04body\x04kind", info=0x20),
    "values": crafted(ANY + b"\x06\x7f\x7e\x7d\x05\x7c" + bytes(4) + b"\x7b" + bytes(8) + b"\x78"),
    "an array of an object": crafted(ANY + b"\x01" + ARRAY + b"\x01" + OBJECT + b"\x01\x01a\x79"),
    "a mark": crafted(FORMAT + b"\x04bold\x04true"),
    "the end of a mark": crafted(FORMAT + b"\x04bold\x04null"),
    "a neighbour of one's own": crafted(STRING + b"\x01a", clock=7, before=b"\x05\x06", info=0x80),
    "a neighbour of another's": crafted(STRING + b"\x01a", clock=7, before=b"\x06\x09", info=0x40),
    "a struct that was deleted": crafted(b"\x01\x05"),
    "structs that are gone": b"\x01\x01\x05\x00\x00\x05\x00",
    "deletions": b"\x00\x02\x05\x02\x00\x01\x04\x02\x06\x01\x00\x09",
    "nothing new": b"\x00\x00",
}


@pytest.mark.any_database
@pytest.mark.parametrize("update", WHOLE.values(), ids=WHOLE)
def test_what_an_editor_may_send_passes(update):
    header = check_update(update)
    assert header.client == (5 if update[0] else None)


def test_every_update_of_somebody_who_writes_passes():
    written = Writing()
    assert {check_update(update).client for update in written.updates} == {written.doc.client_id, None}
    assert check_update(written.state).client == written.doc.client_id


def test_a_number_has_53_bits_at_most():
    assert read_varint(b"\xff\xff\xff\xff\xff\xff\xff\x0f", 0) == (2**53 - 1, 8)
    with pytest.raises(MalformedError):
        read_varint(b"\xff\xff\xff\xff\xff\xff\xff\x10", 0)
    with pytest.raises(MalformedError):
        read_varint(b"\x80\x80\x80\x80\x80\x80\x80\x80\x01", 0)


def test_frames_come_apart_as_they_were_joined():
    updates = [b"", b"a", b"b" * 70_000]
    assert list(unframe(frame(updates))) == updates
    for cut in (1, 3, 5):
        with pytest.raises(MalformedError):
            list(unframe(frame([b"abcdef"])[:-cut]))


@pytest.mark.processes
def test_of_twenty_thousand_mutants_each_is_refused_or_opens_in_every_browser(tmp_path):
    written = Writing()
    passed = [mutant for mutant in mutants(written.updates, MUTANTS, SEED) if passes(mutant)]
    assert MUTANTS / 50 < len(passed) < MUTANTS / 4, len(passed)

    assert in_node(tmp_path, [written.state, *passed]) == (len(passed), 0), "nothing that Yjs fails over"
    # The reader's process names what it cannot read, and would put it aside; it must not die of a single one.
    unread = worked_in_child(lambda: [mutant for mutant in passed if not reads(written.state, mutant)], list)
    assert len(unread) < len(passed) / 100


def reads(state: bytes, update: bytes) -> bool:
    try:
        apply(state, [update], wants_state=False)
    except BaseException:  # a Rust panic is no Exception
        return False
    return True


def in_node(folder: Path, updates: list[bytes]) -> tuple[int, int]:
    """How many updates the editor's own Yjs read, and over how many it failed."""
    file = folder / "updates"
    file.write_bytes(frame(updates))
    node = shutil.which("node")
    assert node, "node was not found: install Node.js 20 or newer"
    command = [node, "--import", str(JS / "register.mjs"), str(JS / "opens.mjs"), str(file)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    return said["read"], said["broken"]


@pytest.mark.processes
def test_mutants_are_answered_and_the_document_opens_afterwards(app, make, note, tab, connect, capsys):
    ana, eve = make.person("Ana"), make.person("Eve")
    document = note("Start", writers=[ana, eve])
    attacker = tab(eve, document)
    originals = [attacker.typed(f" word {number}") for number in range(20)]
    attacker.socket.disconnect("/doc")

    made = list(mutants(originals, 3_000, SEED))
    passed = [mutant for mutant in made if passes(mutant)]
    assert passed, "some mutants must pass the gate"

    sent = passed[:100] + made[:100]
    answers = [send_raw(connect(eve, namespace="/doc"), document, mutant) for mutant in sent]
    assert all(name in ("saved", "refused") for name in answers), "every one is answered"
    assert {"saved", "refused"} == set(answers)

    with app.app_context():
        reader.read_due(apply=in_child, now_please=True)
    assert connect(ana, namespace="/doc").emit("open", opening(document), namespace="/doc", callback=True)["ok"]
    assert "Traceback" not in capsys.readouterr().err


def passes(update: bytes) -> bool:
    try:
        check_update(update)
    except MalformedError:
        return False
    return True


def opening(document: int) -> dict[str, object]:
    return {"d": document, "proto": 1, "schema": 1, "since": -1, "epoch": 0, "client_key": secrets.token_hex(16)}


def send_raw(socket, document: int, update: bytes) -> str:
    """Send from a new tab that applies nothing here. Returns what the server said."""
    assert socket.emit("open", opening(document), namespace="/doc", callback=True)["ok"]
    socket.emit("edit", {"d": document, "n": 1, "update": update}, namespace="/doc")
    [answer] = [message["name"] for message in socket.get_received("/doc") if message["name"] in ("saved", "refused")]
    socket.disconnect("/doc")
    return answer


def test_header_of_a_real_update_names_its_client(make, note, tab):
    ana = make.person("Ana")
    first = tab(ana, note(writers=[ana]))
    header = read_update(first.typed("hello"))
    assert header.client == first.doc.client_id
    assert read_update(first.typed(" again")).clock > 0
