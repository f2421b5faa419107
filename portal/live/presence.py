"""Who is here: a number for who reads, names only for who writes. In Redis for thirty seconds, never in SQL."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from portal.extensions import socketio
from portal.live import control, rooms
from portal.live.peers import Peer, peers
from portal.live.relay import relay

TTL_SECONDS = 30
BEAT_SECONDS = 10
WRITING_SECONDS = 2  # between two signs of one writer that are passed on

COUNT = """
local now, fields, people, count = tonumber(ARGV[1]), redis.call('HGETALL', KEYS[1]), {}, 0
for i = 1, #fields, 2 do
  if tonumber(fields[i + 1]) < now then
    redis.call('HDEL', KEYS[1], fields[i])
  else
    local person = string.match(fields[i], ':(%d+)$')
    if not people[person] then people[person] = true; count = count + 1 end
  end
end
return count
"""

_counts: dict[str, int] = {}
"""The last count that this process told about each stream."""


def arrive(peer: Peer, name: str) -> None:
    """The peer reads the stream and wants the count of all who do."""
    peer.memory.setdefault("read", set()).add(name)
    keep([(name, peer.principal.user_id)])
    tell(name, to=peer)


def leave(peer: Peer, name: str) -> None:
    """The peer reads the stream no longer."""
    reading: set[str] = peer.memory.get("read", set())
    if name not in reading:
        return
    reading.discard(name)
    if peer.principal.user_id not in readers_here(name):
        field = f"{control.process()}:{peer.principal.user_id}"
        relay.attempt(lambda client: client.hdel(key(name), field))
    tell(name)


def write(peer: Peer, name: str, *, is_active: bool) -> None:
    """Pass on that somebody writes, at most every two seconds; that they stopped, at once."""
    written: dict[str, float] = peer.memory.setdefault("written", {})
    now = time.monotonic()
    if is_active and now - written.get(name, -WRITING_SECONDS) < WRITING_SECONDS:
        return
    if not is_active and name not in written:
        return
    if is_active:
        written[name] = now
    else:
        del written[name]
    person = {"user": peer.principal.user_id, "name": peer.principal.name}
    message = {"stream": name, "active": is_active, **person}
    rooms.emit_room(name, "writing", message, namespace="/", skip=[peer.sid])
    control.elsewhere("writing", message=message)


@control.order("writing")
def _writing(order: dict[str, Any]) -> None:
    rooms.emit_room(order["message"]["stream"], "writing", order["message"], namespace="/")


@control.order("readers")
def _readers(order: dict[str, Any]) -> None:
    show(order["stream"], order["count"])


def tell(name: str, *, to: Peer | None = None) -> None:
    """Count, and tell everybody when the number changed; `to` is told in any case."""
    count = count_readers(name)
    if _counts.get(name) != count:
        show(name, count)
        control.elsewhere("readers", stream=name, count=count)
    elif to is not None:
        rooms.emit(to, "readers", {"stream": name, "count": count})


def show(name: str, count: int) -> None:
    if count:
        _counts[name] = count
    else:
        _counts.pop(name, None)
    for peer in rooms.in_room(name, "/"):
        if name in peer.memory.get("read", ()):
            rooms.emit(peer, "readers", {"stream": name, "count": count})


def count_readers(name: str) -> int:
    """How many people read the stream; while Redis is away, how many of them here."""
    now = time.time()
    count = relay.attempt(lambda client: client.eval(COUNT, 1, key(name), now))
    return len(readers_here(name)) if count is None else int(count)


def readers_here(name: str) -> set[int]:
    return {peer.principal.user_id for peer in peers if name in peer.memory.get("read", ())}


def keep(reading: Iterable[tuple[str, int]]) -> None:
    """Say for another thirty seconds that these people read these streams."""
    pairs, until = list(reading), time.time() + TTL_SECONDS

    def write_all(client: Any) -> list[Any]:
        pipe = client.pipeline(transaction=False)
        for name, user_id in pairs:
            pipe.hset(key(name), f"{control.process()}:{user_id}", until)
            pipe.expire(key(name), TTL_SECONDS)
        answers: list[Any] = pipe.execute()
        return answers

    if pairs:
        relay.attempt(write_all)


def beat_forever() -> None:
    """Every ten seconds: renew who is here, and count anew, because a killed process said no goodbye."""
    while True:
        socketio.sleep(BEAT_SECONDS)
        beat()


def beat() -> None:
    reading = {(name, peer.principal.user_id) for peer in peers for name in peer.memory.get("read", ())}
    keep(sorted(reading))
    for name in sorted({name for name, _ in reading}):
        tell(name)


def key(name: str) -> str:
    return f"live:{{{name}}}:readers"
