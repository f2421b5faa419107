"""The number of every fragment, and the last ones of each stream, in Redis.

A fragment is numbered, kept and sent to the other processes by one Lua call, so that numbers have no holes and
arrive in order. A stream's numbers hold under its `generation`, a random word: when Redis lost its memory, or
when fragments went out while it was away, there is a new one, and who names the old one reads the page anew.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from portal.live.relay import relay

KEPT = 200
LOG_SECONDS = 600
HEAD_SECONDS = 86_400  # outlives the log: a quiet stream must not cost a reload at every reconnect
MAX_MISSED = 500_000  # characters; past that reading the page again is cheaper

NUMBER = """
local generation = redis.call('HGET', KEYS[1], 'generation')
if not generation then
  generation = ARGV[1]
  redis.call('HSET', KEYS[1], 'generation', generation, 'seq', 0)
  redis.call('DEL', KEYS[2])
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
redis.call('RPUSH', KEYS[2], ARGV[2] .. ' ' .. ARGV[3])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[4]), -1)
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('PUBLISH', ARGV[7], cjson.encode({
  from = ARGV[8], act = 'stream', stream = ARGV[9], generation = generation, seq = seq, html = ARGV[3]}))
return {generation, seq}
"""

CATCH_UP = """
local generation = redis.call('HGET', KEYS[1], 'generation')
if not generation then
  generation = ARGV[1]
  redis.call('HSET', KEYS[1], 'generation', generation, 'seq', 0)
  redis.call('DEL', KEYS[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq'))
local kept = redis.call('LLEN', KEYS[2])
if ARGV[3] ~= '' then
  local behind = seq - tonumber(ARGV[4])
  if ARGV[3] ~= generation or behind < 0 or behind > kept then return {generation, seq, 0, {}} end
  if behind == 0 then return {generation, seq, 1, {}} end
  return {generation, seq, 1, redis.call('LRANGE', KEYS[2], -behind, -1)}
end
return {generation, seq, 1, redis.call('LRANGE', KEYS[2], 0, -1)}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream stands: number `seq` under `generation`."""

    generation: str
    seq: int


@dataclass(frozen=True, slots=True)
class CatchUp:
    """The present place, and the fragments that were missed, or None when they are no longer known."""

    place: Place
    missed: list[str] | None


_unnumbered: set[str] = set()
"""Streams whose fragments left this process while Redis was away."""


def number(name: str, html: str, *, channel: str, sender: str) -> Place | None:
    """Give the fragment its number and send it to the other processes. None while Redis is away."""
    arguments = (fresh(), now_ms(), html, KEPT, LOG_SECONDS, HEAD_SECONDS, channel, sender, name)
    answer = relay.attempt(lambda client: client.eval(NUMBER, 2, *keys(name), *arguments))
    if answer is None:
        _unnumbered.add(name)
        return None
    return Place(answer[0].decode(), int(answer[1]))


def catch_up(name: str, since: Place | None, page_at: int | None) -> CatchUp | None:
    """What somebody missed who knows the stream up to `since`, or whose page was made at `page_at` (Unix ms).

    None while Redis is away.
    """
    generation, seq = (since.generation, since.seq) if since else ("", 0)
    arguments = (fresh(), HEAD_SECONDS, generation, seq)
    answer = relay.attempt(lambda client: client.eval(CATCH_UP, 2, *keys(name), *arguments))
    if answer is None:
        return None
    place = Place(answer[0].decode(), int(answer[1]))
    entries = [(int(at), html.decode()) for at, html in (entry.split(b" ", 1) for entry in answer[3])]
    if since is None:
        return CatchUp(place, after(entries, page_at))
    missed = [html for _, html in entries]
    covered = answer[2] == 1 and sum(map(len, missed)) <= MAX_MISSED
    return CatchUp(place, missed if covered else None)


def after(entries: list[tuple[int, str]], page_at: int | None) -> list[str] | None:
    """The fragments since a page was made; None when the log does not reach back so far.

    Clocks of servers differ a little and a page reads the database before it is sent: two seconds are added.
    A fragment applied twice is the same fragment: Turbo replaces an element of the same id.
    """
    if page_at is None:
        return []
    is_cut = len(entries) >= KEPT and entries[0][0] > page_at
    is_old = page_at < now_ms() - LOG_SECONDS * 1000 and not (entries and entries[0][0] <= page_at)
    missed = [html for at, html in entries if at >= page_at - 2000]
    return None if is_cut or is_old or sum(map(len, missed)) > MAX_MISSED else missed


def forget_unnumbered() -> list[str]:
    """Start new generations for streams that went on while Redis was away; their names, once that is done."""
    names = sorted(_unnumbered)
    if not names:
        return []
    gone = relay.attempt(lambda client: client.delete(*(key for name in names for key in keys(name))))
    if gone is None:
        return []
    _unnumbered.difference_update(names)
    return names


def keys(name: str) -> tuple[str, str]:
    """Both keys of a stream; the braces keep them on one node of a cluster."""
    return f"live:{{{name}}}:head", f"live:{{{name}}}:log"


def fresh() -> str:
    return secrets.token_hex(6)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
