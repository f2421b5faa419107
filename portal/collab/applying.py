"""Where updates are applied: a log becomes text, HTML, Markdown, a state. Pure functions of bytes; may fail in any way.

`in_child` runs them in a process of its own, because malformed updates have ended such processes (measured: three
of seven fuzz runs in a segmentation fault). Only that child dies, and the parent goes on with the next document.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

from pycrdt import Doc, XmlFragment, get_update

from portal.collab.protocol import read_varint
from portal.collab.seed import FRAGMENT
from portal.richtext import document as richtext
from portal.richtext.counting import count
from portal.richtext.document_markdown import markdown

CHILD_SECONDS = 45.0
CPU_SECONDS = 12  # ten times what 5 MB of text take; an endless loop is noticed also where the machine is busy
LENGTH = struct.Struct("<Q")
T = TypeVar("T")


class ApplyError(Exception):
    """The log could not be applied: an update in it is poison, or it took too long."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a log reads as. `state` is the whole as one update, or None when it must not replace the log yet.

    `waiting` are the places in the tail of the updates that wait for missing parts; looked at where a state is wanted.
    """

    text: str
    html: str
    markdown: str
    counts: dict[str, int]
    state: bytes | None
    waiting: tuple[int, ...] = ()


Apply = Callable[[bytes, list[bytes], bool], Applied]


def apply(state: bytes, tail: list[bytes], wants_state: bool) -> Applied:
    """Apply state and tail one by one to a fresh document. Raises whatever the CRDT raises."""
    doc = _document([state, *tail])
    read = _read(doc)
    if not wants_state:
        return read
    waiting = _waiting(doc, tail)
    return replace(read, state=None if waiting else _verified(doc, read.text), waiting=waiting)


def apply_version(updates: list[bytes]) -> Applied:
    """The same of a version, which always becomes a state: what waits for missing parts is no part of what it says."""
    doc = _document(updates)
    read = _read(doc)
    return replace(read, state=_verified(doc, read.text))


def _document(updates: list[bytes]) -> Doc[XmlFragment]:
    doc: Doc[XmlFragment] = Doc()
    for update in updates:
        doc.apply_update(update)
    return doc


def _read(doc: Doc[XmlFragment]) -> Applied:
    parts = _parts(doc)
    text = richtext.plain_text(parts)
    return Applied(text, richtext.html(parts), markdown(parts), count(text), None)


def _parts(doc: Doc[XmlFragment]) -> list[richtext.Part]:
    return richtext.read(doc.get(FRAGMENT, type=XmlFragment))


def _waiting(doc: Doc[XmlFragment], tail: list[bytes]) -> tuple[int, ...]:
    """Which updates of the tail wait for missing ones.

    A state leaves out what could not be integrated yet (measured with pycrdt 0.14): squashing would lose it.
    """
    known = doc.get_state()
    return tuple(place for place, update in enumerate(tail) if is_pending(update, known))


def _verified(doc: Doc[XmlFragment], text: str) -> bytes:
    """The document as one update, read back before anybody relies on it. Raises ApplyError.

    Clocks are compared as numbers: the CRDT writes the clients of a state vector in no order (measured: in a quarter
    of the documents with a filled gap, two equal vectors were other bytes).
    """
    state = doc.get_update()
    again = _document([state])
    if clocks(again.get_state()) != clocks(doc.get_state()) or richtext.plain_text(_parts(again)) != text:
        raise ApplyError("the squashed state does not read as the log does")
    return state


def is_pending(update: bytes, known: bytes) -> bool:
    """Whether the update has structs, or deletes some, that a document of state vector `known` does not hold."""
    rest = get_update(update, known)
    clients, position = read_varint(rest, 0)
    if clients:
        return True
    reached = clocks(known)
    clients, position = read_varint(rest, position)
    for _ in range(clients):
        client, position = read_varint(rest, position)
        ranges, position = read_varint(rest, position)
        for _ in range(ranges):
            clock, position = read_varint(rest, position)
            length, position = read_varint(rest, position)
            if clock + length > reached.get(client, 0):
                return True
    return False


def clocks(vector: bytes) -> dict[int, int]:
    """A state vector as client -> clock after the last."""
    clients, position = read_varint(vector, 0)
    reached = {}
    for _ in range(clients):
        client, position = read_varint(vector, position)
        reached[client], position = read_varint(vector, position)
    return reached


def in_child(state: bytes, tail: list[bytes], wants_state: bool) -> Applied:
    """`apply` in a forked child that may crash or hang. Raises ApplyError. The caller must have one thread only."""
    return worked_in_child(lambda: apply(state, tail, wants_state), Applied)


def version_in_child(updates: list[bytes]) -> Applied:
    """`apply_version` in such a child."""
    return worked_in_child(lambda: apply_version(updates), Applied)


def worked_in_child(work: Callable[[], T], answers: type[T], *, seconds: float = CHILD_SECONDS) -> T:
    """What `work` returns, of the type `answers` (not str: that is what went wrong), from a forked child.

    Raises ApplyError, also when it took longer than `seconds`. The caller must have one thread only.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(writing, work, seconds)
    os.close(writing)
    try:
        answer = _receive(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # it has answered, died or run out of time
        os.waitpid(child, 0)
    if not isinstance(answer, answers):
        raise ApplyError(str(answer))
    return answer


def _work(writing: int, work: Callable[[], object], seconds: float) -> NoReturn:
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(name, signal.SIG_DFL)  # the parent's handlers would only set a flag that nobody here reads
    signal.alarm(int(seconds) + 1)  # also when the parent was killed and cannot end us
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        answer: object = work()
    except BaseException as error:  # a Rust panic is no Exception
        answer = f"{type(error).__name__}: {error}"
    try:
        data = pickle.dumps(answer)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(LENGTH.pack(len(data)) + data)
    finally:
        os._exit(0)  # none of the parent's clean-up: its connections are not ours


def _receive(reading: int, deadline: float) -> object:
    """What the child sent, or a sentence. Unpickling is safe: the child is this very program."""
    data = bytearray()
    while time.monotonic() < deadline:
        if not select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
            continue
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            break
        data += chunk
    else:
        return "it took too long"
    if len(data) < LENGTH.size or len(data) != LENGTH.size + LENGTH.unpack_from(data)[0]:
        return "the child died"
    return pickle.loads(data[LENGTH.size :])  # noqa: S301  # it comes from our own child
