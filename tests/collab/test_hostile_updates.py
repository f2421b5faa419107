"""Mutated updates: refused or taken, never a traceback, and the document opens for everybody afterwards."""

from __future__ import annotations

import random
import secrets

import pytest

from portal.collab import reader
from portal.collab.applying import in_child
from portal.collab.protocol import MalformedError, check_update, frame, read_header, read_varint, unframe

MUTANTS = 3_000


BROKEN = [b"", b"\x00", b"\x01", b"\x80" * 20, b"\xff" * 9, b"\x02\x01\x01\x00", b"\x01\x00\x05\x00"]


@pytest.mark.parametrize("update", BROKEN)
def test_a_header_that_cannot_be_right_is_no_update(update):
    with pytest.raises(MalformedError):
        check_update(update)


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


def mutated(update: bytes, dice: random.Random) -> bytes:
    data = bytearray(update)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                data[place] ^= 1 << dice.randrange(8)
            case 2 if len(data) > 2:
                del data[place : place + dice.randint(1, 4)]
            case _:
                data[place:place] = dice.randbytes(dice.randint(1, 4))
        data = data or bytearray(b"\x00")
    return bytes(data)


def test_mutants_are_answered_and_the_document_opens_afterwards(app, make, note, tab, connect, capsys):
    dice = random.Random(20261124)
    ana, eve = make.person("Ana"), make.person("Eve")
    document = note("Start", writers=[ana, eve])
    attacker = tab(eve, document)
    originals = [attacker.typed(f" word {number}") for number in range(20)]
    attacker.socket.disconnect("/doc")

    mutants = [mutated(dice.choice(originals), dice) for _ in range(MUTANTS)]
    passed = [mutant for mutant in mutants if passes(mutant)]
    assert passed, "some mutants must pass the gate"
    assert len(passed) < MUTANTS / 2, "most must not"

    sent = passed[:100] + mutants[:100]
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
    header = read_header(first.typed("hello"))
    assert header.client == first.doc.client_id
    assert read_header(first.typed(" again")).clock > 0
