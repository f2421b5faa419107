"""What one update writes by itself: the words in it, read from its bytes without a document to apply it to.

The format is version 1 of the update encoding of Yjs (its `src/utils/UpdateDecoder.js` and `src/structs/`): a struct is
garbage, a gap, or an item with where it stands and what it holds. Only text is kept; the rest is read past.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portal.collab.protocol import MalformedError, read_varint

GARBAGE, GAP = 0, 10
HAS_ORIGIN, HAS_RIGHT_ORIGIN, HAS_KEY, KIND = 0x80, 0x40, 0x20, 0x1F
DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY, SUBDOCUMENT = range(1, 10)
NAMED_TYPES = (3, 5)  # an element and a hook say their name
MAX_DEPTH = 50  # of a value in a value
UNIT = 2  # bytes of UTF-16, by which Yjs counts

Id = tuple[int, int]
Ranges = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One struct: `length` clocks from `clock` of `client`. `text` is UTF-16; None for what is no text."""

    client: int
    clock: int
    length: int
    origin: Id | None = None
    text: bytes | None = None
    is_format: bool = False


@dataclass(slots=True)
class Cursor:
    """Bytes, and how far they were read. Every method raises MalformedError where they end too early."""

    data: bytes
    position: int = 0

    def number(self) -> int:
        value, self.position = read_varint(self.data, self.position)
        return value

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self.data):
            raise MalformedError("the update is cut off")
        taken, self.position = self.data[self.position : end], end
        return taken

    def block(self) -> bytes:
        return self.take(self.number())

    def id(self) -> Id:
        return self.number(), self.number()

    def until_small(self) -> None:
        """Past a signed number: its last byte has no high bit."""
        while self.byte() & 0x80:
            pass


def read_update(update: bytes) -> tuple[list[Piece], dict[int, Ranges]]:
    """The pieces of an update in the order of its bytes, and what it deletes: client -> (clock, length)."""
    cursor = Cursor(update)
    pieces = [piece for _ in range(cursor.number()) for piece in _structs(cursor)]
    deleted = {}
    for _ in range(cursor.number()):
        client = cursor.number()
        deleted[client] = [cursor.id() for _ in range(cursor.number())]
    return pieces, deleted


def _structs(cursor: Cursor) -> Iterator[Piece]:
    count, client, clock = cursor.number(), cursor.number(), cursor.number()
    for _ in range(count):
        piece = _struct(cursor, client, clock)
        clock += piece.length
        yield piece


def _struct(cursor: Cursor, client: int, clock: int) -> Piece:
    info = cursor.byte()
    kind = info & KIND
    if kind in (GARBAGE, GAP):
        return Piece(client, clock, cursor.number())
    origin = cursor.id() if info & HAS_ORIGIN else None
    if info & HAS_RIGHT_ORIGIN:
        cursor.id()
    if not info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN):
        if cursor.number():
            cursor.block()  # the name of a root
        else:
            cursor.id()
        if info & HAS_KEY:
            cursor.block()
    length, text = _content(cursor, kind)
    return Piece(client, clock, length, origin, text, is_format=kind == FORMAT)


def _content(cursor: Cursor, kind: int) -> tuple[int, bytes | None]:
    """How many clocks the content takes, and its text in UTF-16."""
    if kind == STRING:
        text = cursor.block().decode("utf-8", "replace").encode("utf-16-le", "surrogatepass")
        return len(text) // UNIT, text
    if kind == DELETED:
        return cursor.number(), None
    if kind in (JSON, ANY):
        count = cursor.number()
        for _ in range(count):
            if kind == ANY:
                _pass_value(cursor, MAX_DEPTH)
            else:
                cursor.block()
        return count, None
    _pass_single(cursor, kind)
    return 1, None


def _pass_single(cursor: Cursor, kind: int) -> None:
    if kind in (BINARY, EMBED):
        cursor.block()
    elif kind == FORMAT:
        cursor.block()
        cursor.block()
    elif kind == TYPE:
        if cursor.number() in NAMED_TYPES:
            cursor.block()
    elif kind == SUBDOCUMENT:
        cursor.block()
        _pass_value(cursor, MAX_DEPTH)
    else:
        raise MalformedError("a struct of an unknown kind")


def _pass_value(cursor: Cursor, depth: int) -> None:
    """Past one value of lib0's `any`: a byte says what follows."""
    kind = cursor.byte()
    if kind in PLAIN:
        PLAIN[kind](cursor)
    elif kind in (117, 118) and depth:
        for _ in range(cursor.number()):
            if kind == 118:
                cursor.block()
            _pass_value(cursor, depth - 1)
    else:
        raise MalformedError("a value of an unknown kind")


PLAIN: dict[int, Callable[[Cursor], object]] = {
    **dict.fromkeys((120, 121, 126, 127), lambda cursor: None),  # true, false, null, undefined
    **dict.fromkeys((122, 123), lambda cursor: cursor.take(8)),
    124: lambda cursor: cursor.take(4),
    125: Cursor.until_small,
    **dict.fromkeys((116, 119), Cursor.block),
}


@dataclass(slots=True)
class _Run:
    """Text that was typed in one go: each piece behind the one before."""

    parts: list[bytes] = field(default_factory=list)


def words_typed(updates: list[bytes], known: dict[int, int]) -> str:
    """The text that the updates write and do not delete again, beyond the clocks in `known`, in the order of typing.

    What was typed at another place begins a new line.
    """
    pieces: list[Piece] = []
    deleted: dict[int, Ranges] = {}
    for update in updates:
        written, gone = read_update(update)
        pieces += written
        for client, ranges in gone.items():
            deleted.setdefault(client, []).extend(ranges)
    holes = {client: _merged(ranges) for client, ranges in deleted.items()}
    runs: list[_Run] = []
    ends: dict[Id, _Run] = {}
    reached = dict(known)
    for piece in sorted(pieces, key=lambda piece: (piece.client, piece.clock)):
        first = max(piece.clock, reached.get(piece.client, 0))
        end = piece.clock + piece.length
        if first >= end:
            continue
        reached[piece.client] = end
        _place(piece, first, holes.get(piece.client, []), runs, ends)
    return "\n".join(text for run in runs if (text := _decoded(run)))


def _merged(ranges: Ranges) -> Ranges:
    """(clock, length) in any order, with overlaps -> (first, after the last), in order, without."""
    merged: Ranges = []
    for clock, length in sorted(ranges):
        if merged and clock <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], clock + length))
        else:
            merged.append((clock, clock + length))
    return merged


def _place(piece: Piece, first: int, holes: Ranges, runs: list[_Run], ends: dict[Id, _Run]) -> None:
    """Behind what it continues, or in a run of its own."""
    run = ends.get(piece.origin) if piece.origin is not None else None
    if piece.is_format and run is not None:
        ends[piece.client, piece.clock] = run
    if piece.text is None:
        return
    if run is None:
        run = _Run()
        runs.append(run)
    for start, stop in _left(first, piece.clock + piece.length, holes):
        run.parts.append(piece.text[(start - piece.clock) * UNIT : (stop - piece.clock) * UNIT])
        ends[piece.client, stop - 1] = run
    ends.setdefault((piece.client, piece.clock + piece.length - 1), run)


def _left(first: int, end: int, holes: Ranges) -> Iterator[tuple[int, int]]:
    """What of the clocks `first` up to `end` stands in no hole."""
    at = bisect_right(holes, first, key=lambda hole: hole[1])
    while first < end and at < len(holes) and holes[at][0] < end:
        if holes[at][0] > first:
            yield first, holes[at][0]
        first = holes[at][1]
        at += 1
    if first < end:
        yield first, end


def _decoded(run: _Run) -> str:
    return b"".join(run.parts).decode("utf-16-le", "replace")
