"""The log in SQL: judging and appending a batch, reading ranges. All of it in the caller's transaction.

Why an edit that is saved was saved while its writer had the right, on PostgreSQL too, where each statement sees what
was committed before it (READ COMMITTED):

- The row lock of `doc_heads` is taken before anything is judged. Whoever changes a right, freezes, thaws or begins
  another epoch updates that row in the same transaction (`actions.rights_changed`). So either they commit first, and
  what is read here afterwards is theirs; or they wait for this batch, and it came before.
- Sessions and people have no such row, so theirs are held themselves, shared (`identity.held_sessions`): signing out
  or suspending waits for the batch, or was committed before it and is seen. Shared locks do not wait for each other.
- Order: heads by id, then sessions by id with their people. A transaction that changes both takes the heads first; one
  that did not would be ended as a deadlock after a second, and the batch is tried again (`writer`).
- A right that ends with a day (a membership, an office) ends for this batch when its day is over as it is judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portal.clock import utcnow
from portal.collab import kinds, statements
from portal.collab.models import DocHead, DocNumber, DocUpdate
from portal.collab.protocol import MAX_SIZE
from portal.extensions import db
from portal.live.identity import identity

if TYPE_CHECKING:
    from portal.collab.rooms import Edit, Line

GAP_ROWS = 2_000


@dataclass(slots=True)
class Head:
    """The end of one document's log, as this transaction moves it."""

    seq: int
    size: int
    rights_seq: int
    locked_at: datetime | None
    epoch: int
    first: int = 0
    updates: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a batch: `heads` with what was appended, where each edit stands, why others do not."""

    heads: dict[int, Head]
    saved: list[tuple[Edit, int]] = field(default_factory=list)
    refused: list[tuple[Edit, str]] = field(default_factory=list)


def append(batch: list[Edit]) -> Outcome:
    """Judge and append edits in order. The caller commits; until then nothing is true.

    Rights, locks and sessions are read here, in the transaction that appends, so that nothing is accepted
    after a revocation was committed, with or without Redis. Sends six statements, and one a document for roles.
    """
    judge = _Judge(batch)
    for edit in batch:
        judge.decide(edit)
    judge.write()
    return judge.outcome


class _Judge:
    def __init__(self, batch: list[Edit]) -> None:
        documents = {edit.line.document_id for edit in batch}
        self.outcome = Outcome(locked_heads(documents, statements.heads_of_writer(db.engine.dialect)))
        self.known, self.trimmed, self.unreadable = _known(batch)
        self.sessions = identity().held_sessions({edit.line.peer.principal.session_id for edit in batch})
        self.roles = _roles(batch)
        self.authors = _authors(batch)
        self.new_authors: list[dict[str, int]] = []
        self.rows: list[dict[str, object]] = []
        self.stopped: dict[Line, str] = {}
        self.now = utcnow()

    def decide(self, edit: Edit) -> None:
        """Append, recognise or refuse one edit. After a refusal every later one of its line is refused."""
        seq = self.known.get(edit.key)
        if seq is None and edit.n <= self.trimmed.get(edit.key[:3], 0):
            seq = 0
        if seq is not None:
            self.outcome.saved.append((edit, seq))
            return
        refused = edit.line.refused if edit.n >= edit.line.refused_from else ""
        code = refused or self.stopped.get(edit.line) or self._objection(edit)
        if code:
            self.stopped[edit.line] = code
            self.outcome.refused.append((edit, code))
            return
        self._append(edit)

    def _objection(self, edit: Edit) -> str:
        line, principal = edit.line, edit.line.peer.principal
        head = self.outcome.heads.get(line.document_id)
        role = self.roles[line.document_id].get(principal.user_id, "none")
        # An edit of another epoch was made on a text that is gone, too: `open` says so.
        is_open = head is not None and head.epoch == line.epoch and role != "none"
        if head is None or not is_open or principal.session_id not in self.sessions:
            return "gone"
        if role != "write":
            return "read_only"
        if head.locked_at is not None or line.document_id in self.unreadable:
            return "locked" if head.locked_at is not None else "unreadable"
        if head.size + len(edit.update) > MAX_SIZE:
            return "full"
        # A Yjs client id belongs to the person who used it first, whatever the bytes say.
        if edit.client is not None:
            owner = self.authors.get((line.document_id, edit.client), principal.user_id)
            if owner != principal.user_id:
                return "malformed"
        return ""

    def _append(self, edit: Edit) -> None:
        line, user_id = edit.line, edit.line.peer.principal.user_id
        head = self.outcome.heads[line.document_id]
        head.seq += 1
        head.size += len(edit.update)
        head.first = head.first or head.seq
        head.updates.append(edit.update)
        self.known[edit.key] = head.seq
        if edit.client is not None and (line.document_id, edit.client) not in self.authors:
            self.authors[line.document_id, edit.client] = user_id
            self.new_authors.append({"doc_id": line.document_id, "client_id": edit.client, "user_id": user_id})
        self.rows.append(
            {
                "doc_id": line.document_id,
                "seq": head.seq,
                "user_id": user_id,
                "client_key": line.client_key,
                "n": edit.n,
                "at": self.now,
                "body": edit.update,
            }
        )
        self.outcome.saved.append((edit, head.seq))

    def write(self) -> None:
        if not self.rows:
            return
        if self.new_authors:
            db.session.connection().execute(statements.INSERT_AUTHORS, self.new_authors)
        db.session.connection().execute(statements.INSERT_UPDATES, self.rows)
        moved = [
            {"doc": doc_id, "new_seq": head.seq, "new_size": head.size, "now": self.now}
            for doc_id, head in self.outcome.heads.items()
            if head.updates
        ]
        db.session.connection().execute(statements.MOVE_HEAD, moved)


def locked_heads(document_ids: set[int], query: sa.Executable = statements.LOCKED_HEADS) -> dict[int, Head]:
    """The heads, locked in one order everywhere, so that two writers never wait for each other."""
    db.session.flush()  # some callers changed them before
    rows = db.session.connection().execute(query, {"documents": list(document_ids)})
    return {row.doc_id: Head(row.seq, row.size, row.rights_seq, row.locked_at, row.epoch) for row in rows}


Known = dict[tuple[int, int, str, int], int]
Trimmed = dict[tuple[int, int, str], int]


def _known(batch: list[Edit]) -> tuple[Known, Trimmed, set[int]]:
    """What the log knows of the batch, in one statement, asked after the heads were locked.

    Which edits stand in it, by (document, person, key, n); the last n of each (document, person, key) whose rows were
    trimmed from it; which documents are marked unreadable. Not in the statement that locks: one that waits for a lock
    then sees what it joined as it was before.
    """
    asked, values = statements.known(_spans(batch), {edit.line.document_id for edit in batch})
    known: Known = {}
    trimmed: Trimmed = {}
    unreadable: set[int] = set()
    for what, doc_id, user_id, key, n, seq in db.session.connection().execute(asked, values):
        if what == "known":
            known[doc_id, user_id or 0, key, n] = seq
        elif what == "trimmed":
            trimmed[doc_id, user_id, key] = n
        else:
            unreadable.add(doc_id)
    return known, trimmed, unreadable


def _spans(batch: list[Edit]) -> list[statements.Span]:
    spans: list[statements.Span] = []
    for document_id, user_id, key, n in sorted({edit.key for edit in batch}):
        first = n
        if spans and spans[-1][:3] == (document_id, user_id, key) and spans[-1][4] == n - 1:
            first = spans.pop()[3]
        spans.append((document_id, user_id, key, first, n))
    return spans


def _roles(batch: list[Edit]) -> dict[int, dict[int, str]]:
    people: dict[int, set[int]] = {}
    names: dict[int, str] = {}
    for edit in batch:
        people.setdefault(edit.line.document_id, set()).add(edit.line.peer.principal.user_id)
        names[edit.line.document_id] = edit.line.kind
    return {doc_id: roles_of(names[doc_id], user_ids, doc_id) for doc_id, user_ids in people.items()}


def roles_of(kind_name: str, user_ids: set[int], document_id: int) -> dict[int, str]:
    """What these people may do with the document, asked of its kind; nobody may anything with an unknown kind."""
    kind = kinds.find(kind_name)
    return kind.roles(user_ids, document_id) if kind else {}


def _authors(batch: list[Edit]) -> dict[tuple[int, int], int | None]:
    wanted = {(edit.line.document_id, edit.client) for edit in batch if edit.client is not None}
    if not wanted:
        return {}
    documents, clients = ({pair[place] for pair in wanted} for place in (0, 1))
    rows = db.session.connection().execute(statements.AUTHORS, {"documents": list(documents), "clients": list(clients)})
    return {(doc_id, client_id): user_id for doc_id, client_id, user_id in rows}


def updates_after(document_id: int, seq: int, limit: int = GAP_ROWS) -> list[bytes]:
    """The updates behind `seq`, in order, at most `limit`."""
    query = (
        sa.select(DocUpdate.body)
        .where(DocUpdate.doc_id == document_id, DocUpdate.seq > seq)
        .order_by(DocUpdate.seq)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def all_updates_after(document_id: int, seq: int) -> list[bytes]:
    """The same without a limit, a stretch at a time."""
    found: list[bytes] = []
    while True:
        stretch = updates_after(document_id, seq + len(found))
        found += stretch
        if len(stretch) < GAP_ROWS:
            return found


def epoch_of(document_id: int) -> int | None:
    """The document's epoch, read now; None for an unknown document."""
    epoch: int | None = db.session.scalar(sa.select(DocHead.epoch).where(DocHead.doc_id == document_id))
    return epoch


def last_number(document_id: int, user_id: int, client_key: str) -> int:
    """The highest n that stands in the log under this person's key, or stood there until it was trimmed; 0 for none."""
    standing, trimmed = (
        sa.select(sa.func.max(table.n))
        .where(table.doc_id == document_id, table.user_id == user_id, table.client_key == client_key)
        .scalar_subquery()
        for table in (DocUpdate, DocNumber)
    )
    row = db.session.execute(sa.select(standing.label("standing"), trimmed.label("trimmed"))).one()
    return max(row.standing or 0, row.trimmed or 0)


def heads(document_ids: Iterable[int]) -> dict[int, DocHead]:
    """The heads of these documents, read now."""
    query = sa.select(DocHead).where(DocHead.doc_id.in_(set(document_ids)))
    return {head.doc_id: head for head in db.session.scalars(query.execution_options(populate_existing=True))}
