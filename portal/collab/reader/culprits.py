"""Which updates make a log unreadable: ever other beginnings of it are applied, each in a child that may die.

Blamed is the first update after which the document cannot be read, or does not survive being written down and read
back. So where two updates together do harm it is the later one, and one that only lays a trap is found before an
innocent one steps into it, if the trap shows in the state.

What stands in its place holds no text: garbage (in the sense of Yjs) of the same clocks. With nothing in its place,
everything that its client wrote later would wait for it for ever, and so would everything that anybody wrote after
they had typed next to it (measured in Yjs; the browsers show none of it). With garbage, only text that was typed
directly at the lost one is lost with it: Yjs makes garbage of what stands on garbage. Where the clocks cannot be told,
nothing stands in its place; whatever then waits is taken out too, because nothing can come any more that it waits for:
an epoch begins, and every tab with it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from portal.collab.applying import Applied, Apply, ApplyError
from portal.collab.protocol import MalformedError
from portal.collab.structs import Cursor, read_update

NOTHING = b"\x00\x00"  # no structs, no deletions
MAX_TRIALS = 60
MAX_SECONDS = 90.0
MAX_LENGTH = 2**31 - 1  # clocks
MAX_CULPRITS = 10  # a search; the next one finds the others


class UnreadableError(Exception):
    """The stored state itself cannot be applied, or the search came to no end."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """What to put in an update's place, and why."""

    instead: bytes
    error: str
    is_poison: bool = True


def find_culprits(state: bytes, tail: list[bytes], apply: Apply) -> dict[int, Culprit]:
    """Which places of the tail to replace, so that the log can be applied or at least goes wrong later.

    Empty when everything went well this time. Raises UnreadableError.
    """
    trials, tail = _Trials(state, apply), list(tail)
    if trials.fails([]) and (error := trials.fails([])):
        raise UnreadableError(error)
    found: dict[int, Culprit] = {}
    try:
        while trials.fails(tail):
            if len(found) == MAX_CULPRITS:
                return found
            place, error = trials.first_failing(tail)
            found[place] = Culprit(trials.instead_of(tail, place), error)
            tail[place] = found[place].instead
    except UnreadableError:
        if not found:
            raise
        return found  # the next search goes on from there
    if found and trials.applied is not None:
        found |= {place: GIVEN_UP for place in trials.applied.waiting if place not in found}
    return found


GIVEN_UP = Culprit(NOTHING, "it waits for a part that never came", is_poison=False)


class _Trials:
    """Trials with beginnings of one log, so many and no more. `applied` is what the last one read, if it could."""

    def __init__(self, state: bytes, apply: Apply) -> None:
        self.state, self.apply = state, apply
        self.left, self.deadline = MAX_TRIALS, time.monotonic() + MAX_SECONDS
        self.applied: Applied | None = None

    def fails(self, tail: list[bytes]) -> str:
        """What goes wrong with this tail, or "". Raises UnreadableError when too much was tried."""
        self.left -= 1
        if self.left < 0 or time.monotonic() > self.deadline:
            raise UnreadableError("the search for what is wrong took too long")
        self.applied = None
        try:
            self.applied = self.apply(self.state, tail, True)
        except BaseException as error:  # a Rust panic is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            return str(error) if isinstance(error, ApplyError) else f"{type(error).__name__}: {error}"
        return ""

    def first_failing(self, tail: list[bytes]) -> tuple[int, str]:
        """The place of an update with which the log fails and before which it does not: both seen twice."""
        good, bad = 0, len(tail)
        while bad - good > 1:
            middle = (good + bad) // 2
            if self.fails(tail[:middle]):
                bad = middle
            else:
                good = middle
        error = self.fails(tail[:bad])
        if not error or self.fails(tail[:good]):
            raise UnreadableError("it does not fail every time")
        return bad - 1, error

    def instead_of(self, tail: list[bytes], place: int) -> bytes:
        """Garbage of the same clocks if that can be applied here, else nothing."""
        filler = garbage_like(tail[place], tail[place + 1 :])
        if filler is None or self.fails([*tail[:place], filler]):
            return NOTHING
        is_waiting = self.applied is not None and place in self.applied.waiting
        return NOTHING if is_waiting else filler


def garbage_like(update: bytes, later: list[bytes]) -> bytes | None:
    """An update of one garbage struct with the clocks of this one; None where they cannot be told, or it has none.

    They end where the same client's next update begins, whatever this one says of itself; `later` are those after it.
    """
    start = _start(update)
    if start is None:
        return None
    client, clock = start
    follows = [
        begun[1] for begun in map(_start, later) if begun is not None and begun[0] == client and begun[1] > clock
    ]
    length = min(follows) - clock if follows else _length(update)
    if not 1 <= length <= MAX_LENGTH:
        return None
    return b"".join(map(_varint, (1, 1, client, clock))) + b"\x00" + _varint(length) + b"\x00"


def _start(update: bytes) -> tuple[int, int] | None:
    """Client and clock of the first struct, where it has those of one client."""
    cursor = Cursor(update)
    try:
        if cursor.number() != 1 or cursor.number() < 1:
            return None
        return cursor.id()
    except MalformedError:
        return None


def _length(update: bytes) -> int:
    """How many clocks it takes by its own account; 0 where that cannot be read."""
    try:
        return sum(piece.length for piece in read_update(update)[0])
    except (MalformedError, RecursionError):
        return 0


def _varint(number: int) -> bytes:
    """Unsigned LEB128."""
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*data, number])
