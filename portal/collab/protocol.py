"""The namespace `/doc`: every message, its shape and its limits.

A document is a Yjs document with one XmlFragment named `body`. `d` is the document's id, `seq` its gap-free log
position. `epoch` rises when the document begins anew: a version was restored, a backup, or the log rebuilt. What was
made on the text of one epoch is no part of another; `seq` goes on. All payloads are one object. Client to server:

- `open` {d, proto, schema, since: seq or -1, epoch, client_key} answers
  {ok, seq, epoch, role, standing, me, people, body}; `body` is framed updates (each: u32 little endian length,
  bytes). Over 64 kB `url` stands in its place: GET it for the same framing; the header `Portal-Seq` says how far it
  reaches (never less than `seq`), `Portal-Epoch` what of.
  `role` is read, comment or write; `standing` is open, freezing, frozen (edits to both: `locked`) or unreadable (the
  log cannot be applied; edits: `unreadable`, until it can). `me` is this tab's name in `presence`. A body that starts
  anew (since = -1, another epoch) holds everything; with `since` it holds what came after it.
  `epoch` is that of the document that the tab has, 0 for none; its edits are taken as made on that one. Told of
  another, it discards its document and opens once more, with the new epoch and a new key: till then `gone`.
  Errors: {ok: false, error: {code, message, retry}}, codes malformed, not_found, signed_out, gone (the connection
  ended), schema and proto (reload the page), rate and busy; `retry` is seconds, absent where asking again is vain.
- `edit` {d, n, update}: n counts from 1 without a gap under the `client_key` of the latest `open` of d; no answer.
- `presence` {d, anchor, head}: Yjs relative positions as JSON, or null for "no caret".
- `close` {d}: out of this document's room; the socket stays.

Server to client:

- `saved` {d, n, seq}: every edit up to n of this key is committed, the last at seq (0: its row is gone by now).
- `edits` {d, from_seq, to_seq, updates}: framed, one event a commit, also to its author. Drop `to_seq <= have`,
  accept `from_seq <= have + 1`, else ask `open` with `since` after 1 s. Of MAX_LIVE people in a room in one process;
  viewers past that get the same in batches, one event a second at most, until a place is free. Who writes is live.
- `refused` {d, n, code, message}: codes malformed, too_large, read_only, locked, unreadable, rate, gone, full. Every
  later n of that key is refused until `open`; what waits before n may still be saved. After `open` the first edit
  must follow on the last that is in the log under its key: `malformed` else.
  n = 0: no edit was judged, this person was put out of the room. `gone` with another n: not open in this room, or
  made on the text of a former epoch; nothing of it was taken. Ask `open`, which says which.
- `role` {d, role, standing}: this person's right or the document's standing changed while it is open.
- `presence` {d, people: [{me, is_reading, user_id, name, organisation, hue, anchor, head}], left: [me]}; who only
  reads is {me, is_reading: true}, a number without a name. What changed in 250 ms is one message; in a second for who
  polls, is behind, or gets `edits` in batches.
- `reset` {d, epoch}: discard the document and open anew, with a new key. The tab is out of the room already; what it
  typed and was not told `saved` is in no text: it offers the words as a rescue.

By HTTP, what the live line cannot carry:

- `POST /documents/<d>/rescues?epoch=&base_seq=` with the header `X-CSRFToken`, `Content-Type:
  application/octet-stream` and framed updates as its body, at most MAX_RESCUE bytes in updates of at most MAX_UPDATE:
  words that came too late for the text, of a person who could write and lost that in the last 30 days (role, freeze
  or reset). `epoch` and `base_seq` are those of the document on which the first of the updates was made. They are
  never applied and never relayed: an editor reads the words and inserts or declines them. The same bytes again are
  the same rescue.
  201 {ok: true, id, message, url}: `url` is where the writer sees what becomes of them.
  Else {ok: false, error: {code, message}}: 401 signed_out; 403 forbidden (reads the text and never could write); 404
  not_found (never could, or lost it longer ago, and does not see the text); 409 can_write (open the text and put them
  in) or waiting (30 of theirs wait in this text already); 410 too_late; 413 too_large; 422 malformed (also a client
  id of somebody else, an epoch or a base_seq that never was); 429 too_many (ten an hour).
- `GET /documents/<d>/rescues` as JSON, for who may write: {ok, rescues: [{id, name, organisation, at, reason, why,
  is_cut, text, decide}]}, the open ones that were read; `decide` is the address for the next line. `is_cut`: there
  are more words, GET `/documents/<d>/rescues/<id>`.
- `POST /documents/<d>/rescues/<id>/decision`, a form with `decision` = inserted or declined: 200 {ok: true}, and only
  then the words go in at the caret; 409 decided (the message says by whom) or locked (the text is frozen). The panel
  above the editor does both (controllers/rescued.js): it sends the editor's element `rescued:insert` {text, decide,
  refuse}.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator

PROTO = 1
SCHEMA = 1
NAMESPACE = "/doc"

MAX_UPDATE = 256_000
MAX_SIZE = 10_000_000
MAX_INLINE_BODY = 64_000
MAX_TAIL = 2_000  # with more missing updates than this a newcomer is better served by the state
MAX_LIVE = 250  # people in a room of one process who hear of each commit at once
MAX_OPEN = 40  # documents that one socket may have open
EDITS_A_SECOND, EDITS_BURST = 60, 200
EDIT_BYTES_A_SECOND, EDIT_BYTES_BURST = 500_000, 6_000_000  # reading the largest update takes 0.1 s
OPENS_A_SECOND, OPENS_BURST = 5, 60
PRESENCE_A_SECOND, PRESENCE_BURST = 8, 16
MAX_PRESENCE = 1_000
MAX_RESCUE = 1_000_000  # framed, of one handing in
MAX_RESCUED_UPDATES = 5_000

CLIENT_KEY = re.compile(r"[A-Za-z0-9-]{8,36}")
MAX_NUMBER = 2**31 - 1  # what the log's integer columns hold
MAX_CLIENT_ID = 2**53 - 1  # the largest whole number of JavaScript


class MalformedError(ValueError):
    """What arrived is not what its message says."""


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """An unsigned LEB128 number of at most 53 bits, and where the next one starts. Raises MalformedError."""
    number = shift = 0
    while position < len(data) and shift < 56:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number > MAX_CLIENT_ID:
                break
            return number, position
        shift += 7
    raise MalformedError("a number in the update is cut off or too long")


LENGTH = struct.Struct("<I")


def frame(updates: Iterable[bytes]) -> bytes:
    """Join updates, each behind its length."""
    return b"".join(part for update in updates for part in (LENGTH.pack(len(update)), update))


def unframe(body: bytes) -> Iterator[bytes]:
    """The updates of a framed body. Raises MalformedError when it is cut off."""
    position = 0
    while position < len(body):
        if position + LENGTH.size > len(body):
            raise MalformedError("a frame is cut off")
        (length,) = LENGTH.unpack_from(body, position)
        position += LENGTH.size
        if position + length > len(body):
            raise MalformedError("a frame is cut off")
        yield body[position : position + length]
        position += length


def whole_number(value: object, low: int, high: int = MAX_NUMBER) -> int:
    """`value` as a whole number in range. Raises MalformedError (True and 1.0 are no numbers of ours)."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise MalformedError("not a whole number in range")
    return value
