"""Messages of the wrong shape on a real socket: each refused with a code, ignored, or the end of its line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.collab.hostile import Hostile
from tests.collab.servers import Servers, serving
from tests.collab.test_slow_readers import opening
from tests.live.processes import BINARY, TEXT, Bare

pytestmark = pytest.mark.processes

WORDS = {
    "$BYTES": '{"_placeholder":true,"num":0}',
    "$OPEN": '"proto":1,"schema":1,"since":-1,"epoch":0,"client_key":"0123456789abcdef"',
    "$ZEROS": "0" * 5_000,
    "$LONG": "x" * 1_000,
    "$DEEP": "[" * 10_000 + "]" * 10_000,
    "$LESS_DEEP": "[" * 500 + "]" * 500,
}

REFUSED = {
    "NaN": '42/doc,7["open",{"d":NaN,$OPEN}]',
    "Infinity": '42/doc,7["open",{"d":Infinity,$OPEN}]',
    "a number past all": '42/doc,7["open",{"d":1e999,$OPEN}]',
    "less than nothing": '42/doc,7["open",{"d":-1,$OPEN}]',
    "half a document": '42/doc,7["open",{"d":1.5,$OPEN}]',
    "true": '42/doc,7["open",{"d":true,$OPEN}]',
    "a prototype": '42/doc,7["open",{"__proto__":{"d":1,$OPEN}}]',
    "a prototype as a document": '42/doc,7["open",{"d":{"__proto__":1},$OPEN}]',
    "an event of the prototype": '42/doc,7["__proto__",{}]',
    "an event of every object": '42/doc,7["constructor",{}]',
    "an unknown event": '42/doc,7["drop table",{}]',
    "no argument": '42/doc,7["open"]',
    "two arguments": '42/doc,7["open",{},{}]',
    "a list": '42/doc,7["open",[]]',
    "a string": '42/doc,7["open","x"]',
    "nothing": '42/doc,7["open",null]',
    "bytes for a message": '451-/doc,7["open",$BYTES]',
    "bytes for a number": '451-/doc,7["open",{"d":$BYTES,$OPEN}]',
    "bytes for a caret": '451-/doc,7["presence",{"d":1,"anchor":$BYTES,"head":null}]',
    "NaN in a caret": '42/doc,7["presence",{"d":1,"anchor":{"item":{"client":NaN,"clock":0}},"head":null}]',
    "a deep caret": '42/doc,7["presence",{"d":1,"anchor":$LESS_DEEP,"head":null}]',
    "a caret past 1 kB": '42/doc,7["presence",{"d":1,"anchor":null,"head":null,"more":"$LONG"}]',
    "a colour": '42/doc,7["presence",{"d":1,"anchor":{"hue":"red"},"head":null}]',
}
HARMLESS = {
    "a whole number of 5,000 digits": '42/doc,7["open",{"d":1$ZEROS,$OPEN}]',
    "JSON 10,000 deep": '42/doc,7["open",$DEEP]',
    "one of 10,000 digits": '42/doc,7["open",{"d":1$ZEROS$ZEROS}]',
    "text for bytes": '42/doc,["edit",{"d":1,"n":1,"update":"text"}]',
    "a number for bytes": '42/doc,["edit",{"d":1,"n":1,"update":NaN}]',
    "fewer bytes than announced": '452-/doc,["edit",{"d":1,"n":1,"update":$BYTES}]',
    "none of the bytes announced": '450-/doc,["edit",{"d":1,"n":1,"update":$BYTES}]',
    "bytes of another number": '451-/doc,["edit",{"d":1,"n":1,"update":{"_placeholder":true,"num":7}}]',
    "bytes of a number below": '451-/doc,["edit",{"d":1,"n":1,"update":{"_placeholder":true,"num":-1}}]',
    "bytes of no number": '451-/doc,["edit",{"d":1,"n":1,"update":{"_placeholder":true,"num":"x"}}]',
    "bytes of a number that is none": '451-/doc,["edit",{"d":1,"n":1,"update":{"_placeholder":true,"num":NaN}}]',
    "more bytes than a message has": '459-/doc,["edit",{"d":1,"n":1,"update":$BYTES}]',
    "bytes without a count": '45-/doc,["edit",{"d":1,"n":1,"update":$BYTES}]',
    "an unknown namespace": '42/nowhere,7["open",{}]',
    "into an unknown namespace": "40/nowhere,{}",
    "a namespace of the prototype": '42/__proto__,7["open",{}]',
    "an answer that nobody asked for": '43/doc,7[{"ok":true}]',
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("m"), "hostile_messages", servers=1) as running:
        yield running


@pytest.fixture(scope="module")
def hostile(servers: Servers) -> Iterator[Hostile]:
    ana = servers.make.leader("Ana")
    made = Hostile(servers, ana, servers.make.application(ana).sections[0].document_id)
    yield made
    made.end()
    assert "Traceback" not in servers.logs(), servers.logs()


@pytest.fixture
def line(hostile: Hostile) -> Bare:
    """In the text already."""
    line = hostile.line()
    line.send(opening(hostile.document_id))
    answered(line, 1)
    return line


def said(line: Bare, message: str) -> None:
    for name, text in WORDS.items():
        message = message.replace(name, text)
    line.send(message)
    if message.startswith("45"):
        line.send(b"bytes", BINARY)


def answered(line: Bare, number: int) -> SimpleNamespace | None:
    """The answer to the question of this number; None when the line ends."""
    starts = tuple(f"{kind}/doc,{number}[".encode() for kind in ("43", "461-"))
    while (got := line.receive()) is not None:
        if got[0] == TEXT and got[1].startswith(starts):
            return SimpleNamespace(**json.loads(got[1][got[1].index(b"[") :])[0])
    return None


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED)
def test_a_message_of_the_wrong_shape_is_refused_with_a_code(line: Bare, message: str):
    said(line, message)
    answer = answered(line, 7)
    assert answer is not None
    assert not answer.ok
    assert answer.error["code"] == "malformed"


@pytest.mark.parametrize("message", HARMLESS.values(), ids=HARMLESS)
def test_a_message_that_has_no_shape_harms_only_its_line(hostile: Hostile, line: Bare, message: str):
    said(line, message)
    line.send(opening(hostile.document_id).replace("doc,1", "doc,8"))
    begun = time.monotonic()
    answer = answered(line, 8)
    assert answer is None or answer.ok
    assert time.monotonic() - begun < 4, "at once, not for a ping"
    other = hostile.line()
    other.send(opening(hostile.document_id))
    answer = answered(other, 1)
    assert answer is not None
    assert (answer.ok, answer.seq) == (True, 0), "nothing was taken"
