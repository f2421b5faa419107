"""The WebSocket protocol (RFC 6455) as a real server process speaks it, checked frame by frame."""

from __future__ import annotations

import json
import random

import pytest

from tests.live.processes import BINARY, CLOSE, PING, PONG, TEXT, Bare, Server, soon

pytestmark = pytest.mark.processes

LIMIT = 260_000
CONTINUATION = 0


@pytest.fixture
def line(enter, bare) -> Bare:
    """A connection that has just been greeted."""
    opened = bare(enter("Ana"))
    opened.expect(b"0{")
    return opened


@pytest.fixture
def hall(enter, bare) -> Bare:
    """A connection inside the namespace of the echo."""
    return bare(enter("Ana")).open("/doc")


def echo(line: Bare, body: str) -> str:
    return f"42/doc,1{json.dumps(['echo', {'body': body}])}"


def test_text_of_every_length_comes_back(hall):
    for size in (0, 1, 125, 126, 127, 65_535, 65_536, 200_000):
        body = "x" * size
        hall.send(echo(hall, body))
        assert json.loads(hall.expect(b"43/doc,1")[8:])[0]["body"] == body


def test_text_of_every_script_comes_back(hall):
    body = "Zoë ∑ سلام \U0001f469‍\U0001f52c"
    hall.send(echo(hall, body))
    assert json.loads(hall.expect(b"43/doc,1")[8:])[0]["body"] == body


def test_bytes_come_back(hall):
    hall.send('451-/doc,1["echo",{"body":{"_placeholder":true,"num":0}}]')
    hall.send(bytes(range(256)))

    assert b'"num":0' in hall.expect(b"461-/doc,1")
    assert hall.receive() == (BINARY, bytes(range(256)))


@pytest.mark.parametrize("size", [1, 7, 50])
def test_a_message_in_pieces_is_one_message(hall, size):
    message = echo(hall, "piece by piece, é").encode()
    pieces = [message[start : start + size] for start in range(0, len(message), size)]
    for number, piece in enumerate(pieces):
        hall.send(piece, CONTINUATION if number else TEXT, final=number == len(pieces) - 1)
        hall.send(b"between", PING)
    answers = [hall.receive() for _ in range(len(pieces) + 1)]

    assert answers.count((PONG, b"between")) == len(pieces)
    assert any(answer and answer[1].startswith(b"43/doc,1") for answer in answers)


def test_empty_pieces_are_allowed(hall):
    message = echo(hall, "x").encode()
    hall.send(b"", TEXT, final=False)
    hall.send(message, CONTINUATION, final=False)
    hall.send(b"", CONTINUATION)

    hall.expect(b"43/doc,1")


def test_two_frames_in_one_packet_and_one_frame_in_many(hall):
    sent: list[bytes] = []
    real, hall.socket = hall.socket, type("Net", (), {"sendall": lambda self, data: sent.append(data)})()
    hall.send(echo(hall, "a"))
    hall.send(echo(hall, "b"))
    hall.socket = real
    data = b"".join(sent)
    for start in range(0, len(data), 3):
        real.sendall(data[start : start + 3])

    assert b'"a"' in hall.expect(b"43/doc,1")
    assert b'"b"' in hall.expect(b"43/doc,1")


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 125])
def test_a_ping_is_answered_with_its_payload(line, payload):
    line.send(payload, PING)

    assert line.receive() == (PONG, payload)


def test_a_pong_that_nobody_asked_for_is_ignored(line):
    line.send(b"unasked", PONG)
    line.send(b"still here", PING)

    assert line.receive() == (PONG, b"still here")


@pytest.mark.parametrize("code", [1000, 1001, 1003, 3000, 4999])
def test_a_close_is_answered_with_its_code(line, code):
    line.send(code.to_bytes(2, "big") + b"bye", CLOSE)

    assert line.close_code() == code
    assert line.receive() is None


def test_a_close_without_a_code_is_answered_without_one(line):
    line.send(b"", CLOSE)

    assert line.close_code() == 1005
    assert line.receive() is None


@pytest.mark.parametrize(
    ("breaking", "codes"),
    [
        (lambda line: line.send("2", mask=False), {1002}),
        (lambda line: line.send("2", reserved=0x40), {1002}),
        (lambda line: line.send("2", reserved=0x20), {1002}),
        (lambda line: line.send("2", reserved=0x10), {1002}),
        (lambda line: line.send(b"x", 3), {1002}),
        (lambda line: line.send(b"x", 11), {1002}),
        (lambda line: line.send(b"x", CONTINUATION), {1002}),
        (lambda line: line.send(b"x" * 126, PING), {1002}),
        (lambda line: line.send(b"x", PING, final=False), {1002}),
        (lambda line: line.send(b"\x03", CLOSE), {1002}),
        (lambda line: line.send((999).to_bytes(2, "big"), CLOSE), {1002}),
        (lambda line: line.send((1005).to_bytes(2, "big"), CLOSE), {1002}),
        (lambda line: line.send((1006).to_bytes(2, "big"), CLOSE), {1002}),
        (lambda line: line.send((1000).to_bytes(2, "big") + b"\xff", CLOSE), {1002, 1007}),
        (lambda line: line.send(b"\xff\xfe", TEXT), {1007}),
        (lambda line: line.send(b"4\xc3", TEXT), {1007}),
        (lambda line: line.send(b"4\xed\xa0\x80", TEXT), {1007}),
        (lambda line: (line.send("4", final=False), line.send("4")), {1002}),
        (lambda line: line.send(""), {1002}),
        (lambda line: line.send("x"), {1002}),
        (lambda line: line.send("9"), {1002}),
        (lambda line: line.send("4"), {1002}),
        (lambda line: line.send("4" + "[" * 100_000), {1002}),
        (lambda line: line.send("b" + "A" * 8), {1002}),
    ],
    ids=range(24),
)
def test_a_broken_rule_closes_with_its_code(line, breaking, codes):
    breaking(line)

    assert line.close_code() in codes


@pytest.mark.parametrize("frames", [1, 4])
def test_a_message_past_the_limit_closes_with_1009(line, frames):
    piece = "4" * (LIMIT // frames + 10)
    for number in range(frames):
        line.send(piece, CONTINUATION if number else TEXT, final=number == frames - 1)

    assert line.close_code() == 1009


def test_a_frame_that_claims_to_be_enormous_is_not_waited_for(line, server):
    line.send(b"4" * (LIMIT + 1), TEXT, length=2**62)

    assert line.close_code() == 1009


def test_a_bytes_message_of_the_full_size_passes(hall):
    hall.send('451-/doc,1["echo",{"body":{"_placeholder":true,"num":0}}]')
    hall.send(b"z" * LIMIT)

    hall.expect(b"461-/doc,1")
    assert hall.receive() == (BINARY, b"z" * LIMIT)


@pytest.mark.parametrize(
    "message",
    [
        "49",
        "44",
        "45-",
        "4599999999999-[]",
        "459999999-/doc,[]",
        '451-/doc,["echo",{"_placeholder":true,"num":7}]',
        "42/doc,{}",
        "42/doc,[]",
        "42/doc,null",
        "42/doc,[{}]",
        "42/doc,[[]]",
        '42/doc,["echo"',
        "42/doc," + "[" * 50_000,
        "42/doc," + "9" * 120 + "[]",
        "43/doc,7[]",
        "40/nowhere,",
        "40/doc,{",
        "41/doc,",
    ],
    ids=range(18),
)
def test_a_socket_io_message_that_is_none_harms_nobody(enter, bare, server, message):
    watcher = enter("Ben").connect()
    assert watcher.ask()["ok"]
    hostile = bare(enter("Ana")).open("/doc")

    hostile.send(message)
    if message.startswith("451-"):
        hostile.send(b"x")
    enter("Cem").post("/say", text="fine")

    soon(lambda: watcher.texts() == ["fine"], "the fragment")


def test_bytes_that_nobody_announced_end_the_line(hall):
    hall.send(b"unannounced")

    hall.expect(b"1")
    assert hall.close_code() == 1000


def test_the_process_survives_a_thousand_random_frames(enter, bare, server):
    """Bounded and seeded, so that a failure can be repeated."""
    chance = random.Random(20261124)
    ana = enter("Ana")
    for _ in range(60):
        line = bare(ana)
        assert line.status == 101
        try:
            for _ in range(20):
                throw(line, chance)
        except OSError:
            pass  # the server hung up, as it should
        line.end()

    assert bare(enter("Ben")).open("/doc")


def throw(line: Bare, chance: random.Random) -> None:
    kind = chance.randrange(4)
    size = chance.choice([0, 1, 2, 125, 126, 1000])
    if kind == 0:
        line.socket.sendall(chance.randbytes(size))
    elif kind == 1:
        line.send(chance.randbytes(size), chance.randrange(16), final=chance.random() < 0.7)
    elif kind == 2:
        text = "".join(chance.choice('0123456789[]{},"-/abé\x1e') for _ in range(size))
        line.send("4" + text, reserved=chance.choice([0, 0, 0, 0x40]))
    else:
        line.send("42/doc," + json.dumps([chance.choice(["echo", "open", "edit", 7, None]), {"d": size}]))


def test_nothing_is_left_behind(server: Server):
    """Last in the file: every connection of this file is over, and the server forgot it."""
    soon(lambda: not server.wire()["queues"], "the server to forget every connection")
    assert server.wire()["peers"] == 0
