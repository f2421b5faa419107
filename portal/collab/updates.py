"""The gate: whether bytes are one update of one Yjs client that every reader can take, found out without applying it.

An update is read twice. First here, whole, by the rules of Yjs (`UpdateDecoderV1`), because the CRDT of this process
takes what ends the browsers' (measured: 255 of 3,862 mutants that it could decode threw in Yjs) and ends itself over
what is nested too deeply (measured: 240 kB of arrays in arrays are a segmentation fault). Then by the CRDT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pycrdt import get_state

from portal.collab.protocol import MAX_CLIENT_ID, MalformedError, read_varint

MAX_CLOCK = 2**31 - 1  # the CRDT of this process counts in 32 bits, Yjs in 53
MAX_DEPTH = 16  # of an attribute's value; the editor's own are plain
HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY, KIND = 0x80, 0x40, 0x20, 0x1F
GC, SKIP = 0, 10


@dataclass(frozen=True, slots=True)
class Header:
    """Whose structs an update holds. `client` is None when it only deletes."""

    client: int | None
    clock: int = 0


def check_update(update: bytes) -> Header:
    """Read the update by the rules of Yjs, then let the CRDT decode it. Raises MalformedError."""
    header = read_update(update)
    try:
        get_state(update)
    except BaseException as error:  # a Rust panic is a BaseException that is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise MalformedError("the update cannot be decoded") from None
    return header


def read_update(update: bytes) -> Header:
    """The one client whose structs a version 1 update holds, once every byte of it was read. Raises MalformedError.

    `get_state` does not tell the client: it is empty for every update that does not start at clock 0.
    """
    cursor = _Cursor(update)
    clients = cursor.number()
    if clients > 1:
        raise MalformedError("the update holds structs of several clients")
    header = _structs(cursor) if clients else Header(None)
    _deletions(cursor)
    if cursor.at != len(update):
        raise MalformedError("something follows the update")
    return header


class _Cursor:
    """Where the reading of an update has come to. Everything raises MalformedError."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        number, self.at = read_varint(self.data, self.at)
        return number

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise MalformedError("the update is cut off")
        self.at += 1
        return self.data[self.at - 1]

    def skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise MalformedError("the update is cut off")

    def text(self) -> str:
        length = self.number()
        start = self.at
        self.skip(length)
        try:
            return self.data[start : self.at].decode()
        except UnicodeDecodeError:
            raise MalformedError("a text in the update is not UTF-8") from None

    def length(self) -> int:
        """A number of things, at least one."""
        number = self.number()
        if not 1 <= number <= MAX_CLOCK:
            raise MalformedError("a length in the update cannot be right")
        return number


def _structs(cursor: _Cursor) -> Header:
    count, client, clock = cursor.length(), cursor.number(), cursor.number()
    if count > len(cursor.data) or client > MAX_CLIENT_ID:
        raise MalformedError("the update's header cannot be right")
    header = Header(client, clock)
    for _ in range(count):
        clock += _struct(cursor, client, clock)
        if clock > MAX_CLOCK:
            raise MalformedError("a clock in the update is too large")
    return header


def _struct(cursor: _Cursor, client: int, clock: int) -> int:
    """Read one struct. Returns how many clocks it takes."""
    info = cursor.byte()
    kind = info & KIND
    if kind in (GC, SKIP):
        if info != kind:
            raise MalformedError("an empty struct has no flags")
        return cursor.length()
    if info & HAS_ORIGIN:
        _earlier(cursor, client, clock)
    if info & HAS_RIGHT_ORIGIN:
        _earlier(cursor, client, clock)
    if not info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN):
        _parent(cursor, client, clock)
        if info & HAS_KEY:
            cursor.text()
    content = CONTENTS.get(kind)
    if content is None:
        raise MalformedError("a kind of content that no text of ours has")
    return content(cursor)


def _earlier(cursor: _Cursor, client: int, clock: int) -> None:
    """The id of a neighbour or a parent: a client's own must be older (Yjs fails over one that is not)."""
    whose, when = cursor.number(), cursor.number()
    if when > MAX_CLOCK or (whose == client and when >= clock):
        raise MalformedError("a struct stands on one that is later than itself")


def _parent(cursor: _Cursor, client: int, clock: int) -> None:
    is_root = cursor.number()
    if is_root == 1:
        cursor.text()
    elif is_root == 0:
        _earlier(cursor, client, clock)
    else:
        raise MalformedError("a struct has no parent")


def _string(cursor: _Cursor) -> int:
    text = cursor.text()
    if not text:
        raise MalformedError("a struct holds nothing")
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2  # JavaScript's length


def _embed(cursor: _Cursor) -> int:
    cursor.text()  # JSON, which the CRDT checks
    return 1


def _format(cursor: _Cursor) -> int:
    cursor.text()
    cursor.text()
    return 1


def _type(cursor: _Cursor) -> int:
    kind = cursor.number()
    if kind == XML_ELEMENT:
        cursor.text()
    elif kind != XML_TEXT:
        raise MalformedError("a type that no text of ours has")
    return 1


def _values(cursor: _Cursor) -> int:
    count = cursor.length()
    for _ in range(count):
        _value(cursor, 0)
    return count


XML_ELEMENT, XML_TEXT = 3, 6
CONTENTS: dict[int, Callable[[_Cursor], int]] = {
    1: _Cursor.length,  # deleted
    4: _string,
    5: _embed,
    6: _format,
    7: _type,
    8: _values,
}
UNDEFINED, NULL, INTEGER, FLOAT, DOUBLE, FALSE, TRUE, STRING, OBJECT, ARRAY = (
    127,
    126,
    125,
    124,
    123,
    121,
    120,
    119,
    118,
    117,
)
SIZES = {UNDEFINED: 0, NULL: 0, FLOAT: 4, DOUBLE: 8, FALSE: 0, TRUE: 0}


def _value(cursor: _Cursor, depth: int) -> None:
    """A value as lib0 writes it; no BigInt and no bytes, which JSON does not have."""
    kind = cursor.byte()
    if kind in SIZES:
        cursor.skip(SIZES[kind])
    elif kind == INTEGER:
        _integer(cursor)
    elif kind == STRING:
        cursor.text()
    elif kind in (OBJECT, ARRAY) and depth < MAX_DEPTH:
        for _ in range(cursor.number()):
            if kind == OBJECT:
                cursor.text()
            _value(cursor, depth + 1)
    else:
        raise MalformedError("a value that no text of ours has")


def _integer(cursor: _Cursor) -> None:
    """A signed number: a first byte of 6 bits and a sign, then 7 bits a byte, 53 in all."""
    for _ in range(7):
        if cursor.byte() < 0x80:
            return
    raise MalformedError("a number in the update is too long")


def _deletions(cursor: _Cursor) -> None:
    for _ in range(cursor.number()):
        cursor.number()
        for _ in range(cursor.number()):
            if cursor.number() + cursor.length() > MAX_CLOCK:
                raise MalformedError("a clock in the update is too large")
