"""The WebSocket protocol (RFC 6455) as a real server process speaks it, checked frame by frame."""

from __future__ import annotations

import json
import random
import socket
import threading
import time

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


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_length_whose_highest_bit_is_set_is_no_length(line, length):
    line.send(b"4", TEXT, length=length)

    assert line.close_code() in (1002, 1009)
    assert line.receive() is None


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("final", [True, False])
def test_an_unknown_opcode_closes_with_1002(line, opcode, final):
    line.send(b"x", opcode, final=final)

    assert line.close_code() == 1002


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535])
def test_a_close_with_a_code_that_nobody_may_send_closes_with_1002(line, code):
    line.send(code.to_bytes(2, "big"), CLOSE)

    assert line.close_code() == 1002


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3999, 4000])
def test_nothing_is_said_after_a_close_was_answered(hall, code):
    close, ask = hall.framed(code.to_bytes(2, "big"), CLOSE), hall.framed(echo(hall, "too late"))
    hall.socket.sendall(close + ask + hall.framed(b"too late", PING) + close)

    assert hall.receive() == (CLOSE, code.to_bytes(2, "big"))
    assert hall.receive() is None


def test_a_close_between_the_pieces_of_a_message_is_answered(line):
    line.send("4", final=False)
    line.send((1001).to_bytes(2, "big"), CLOSE)

    assert line.close_code() == 1001


def test_a_new_message_or_unknown_opcode_between_pieces_closes_with_1002(enter, bare):
    for opcode in (TEXT, BINARY, 3, 11):
        line = bare(enter("Ana"))
        line.send("4", final=False)
        line.send(b"x", opcode)
        assert line.close_code() == 1002


def test_the_server_closes_with_a_code_and_waits_for_no_answer(enter, bare, server: Server):
    """Told that the session is over; the other side is silent, and the line ends all the same."""
    ana = enter("Ana")
    line = bare(ana).open()
    enter("Ben").post("/end", session_id=ana.me["session_id"], tell="1")

    assert line.close_code() == 1000
    assert line.receive() is None
    soon(lambda: not any(server.wire()["websockets"]), "the server to forget it")


def test_a_line_that_the_other_side_half_closed_is_ended(hall, server: Server):
    hall.send(echo(hall, "last"))
    hall.socket.shutdown(socket.SHUT_WR)

    hall.expect(b"43/doc,1")
    while hall.receive() is not None:
        pass
    soon(lambda: not any(server.wire()["websockets"]), "the server to forget it")


def test_a_length_in_more_bytes_than_it_needs_harms_nothing(hall):
    """RFC 6455 asks for the shortest form; a server may take it, or close with 1002."""
    message = echo(hall, "x").encode()
    hall.socket.sendall(b"\x81\xff" + len(message).to_bytes(8, "big") + bytes(4) + message)

    got = hall.receive()
    assert got is not None
    assert got[0] == CLOSE or got[1].startswith(b"43/doc,1")


def test_a_flood_of_pings_is_answered_and_keeps_nobody_waiting(enter, bare, server: Server):
    hostile, watcher = bare(enter("Ana")).open(), enter("Ben").connect("websocket")
    assert watcher.ask()["ok"]
    count, pings = 20_000, hostile.framed(b"p" * 100, PING)
    sending = threading.Thread(target=hostile.socket.sendall, args=(pings * count,))
    sending.start()

    begun = time.monotonic()
    enter("Cem").post("/say", text="fine")
    soon(lambda: watcher.texts() == ["fine"], "the fragment")
    assert time.monotonic() - begun < 3
    frames = [hostile.receive() for _ in range(count)]
    assert frames.count((PONG, b"p" * 100)) >= count - 5, "but for Engine.IO's own pings"
    sending.join()


def test_a_flood_of_pings_whose_answers_nobody_reads_ends_the_line(enter, bare, server: Server):
    hostile = bare(enter("Ana"), window=4_096).open()
    pings = hostile.framed(b"p" * 125, PING) * 200_000
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        hostile.socket.sendall(pings)

    soon(lambda: not any(server.wire()["websockets"]), "the server to hang up")


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


@pytest.mark.parametrize(
    "message",
    ['["disconnect","x"]', '["disconnect"]', '["connect",{},{}]', '["*","x"]', '["connect",{"HTTP_COOKIE":"x"}]'],
)
def test_an_event_named_like_the_servers_own_ends_the_line_and_nothing_is_heard_after(enter, bare, server, message):
    """Else a browser would say itself who connects, and be counted anew."""
    begun = time.monotonic()
    line = bare(enter("Ana")).open()
    line.send('421["subscribe",{"stream":"lounge:1"}]')
    line.expect(b"431")

    line.send(f"42{message}")
    soon(lambda: server.wire()["peers"] == 0, "the server to forget it")
    enter("Ben").post("/say", text="confidential")
    assert line.receive() == (TEXT, b"41") or line.close_code() == 1000
    while (got := line.receive()) is not None:
        assert b"confidential" not in got[1]
    assert time.monotonic() - begun < 4, "at once, not for a ping"


def test_bytes_that_nobody_announced_end_the_line(hall):
    hall.send(b"unannounced")

    hall.expect(b"1")
    assert hall.close_code() == 1000


@pytest.mark.parametrize("seed", [20261124, 3, 6455])
def test_the_process_survives_a_thousand_random_frames(enter, bare, server, seed):
    """Bounded and seeded, so that a failure can be repeated."""
    chance = random.Random(seed)
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
