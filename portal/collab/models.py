"""Shared documents: the log is the truth; state, text and counts are readings of it (`portal/collab/protocol.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.clock import utcnow
from portal.extensions import db


class Document(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A Yjs document: the unit of permission, lock, limit and history. `kind` says whose it is."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    schema: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class DocHead(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """The end of the log: gap-free `seq`, bumped in the transaction that appends; its row lock orders writers.

    `size` is bytes: the stored state and the updates after it, as a bound for what a newcomer must be sent.
    `frozen_version_id` is the version that a freeze made: locked and that version read is "Frozen", before "Freezing".
    """

    __tablename__ = "doc_heads"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=1)
    rights_seq: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
    locked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    frozen_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doc_versions.id"))
    edited_at: Mapped[datetime | None]


class DocUpdate(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """One accepted edit. `n` is the client's own counter under its `client_key`: a repeat is recognised."""

    __tablename__ = "doc_updates"
    __table_args__ = (sa.UniqueConstraint("doc_id", "user_id", "client_key", "n", name="uq_doc_updates_client"),)

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    client_key: Mapped[str] = mapped_column(sa.String(36))
    n: Mapped[int]
    at: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DocAuthor(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """Which person first used a Yjs client id. Kept for ever; erasure blanks the person."""

    __tablename__ = "doc_authors"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    client_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))


class DocState(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """What the reader made of the log: full state up to `seq`; text, HTML, Markdown and counts up to `read_seq`.

    `failed_at` says since when the log cannot be applied: the text is shown as it was last read, and nobody may write.
    The large columns stand last: SQLite walks a row's overflow pages to reach what lies behind them.
    """

    __tablename__ = "doc_states"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=1)
    read_seq: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    html: Mapped[str] = mapped_column(sa.Text, default="")
    markdown: Mapped[str] = mapped_column(sa.Text, default="")
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DocVersion(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """The document as it stood at `seq`. `kind`: daily, named, frozen, or replaced (kept when another was restored).

    `body` is framed updates (`protocol.frame`) that give the whole text when applied in order; the reader turns them
    into one verified state and fills text, counts and `hash` (SHA-256 of the text, hex). `read_at` is None till then.
    `user_id` is who asked, None for the daily ones and for somebody whose account was erased.
    """

    __tablename__ = "doc_versions"
    __table_args__ = (sa.Index("ix_doc_versions_doc_id_id", "doc_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"))
    seq: Mapped[int]
    epoch: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    hash: Mapped[str] = mapped_column(sa.String(64), default="")
    read_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    html: Mapped[str] = mapped_column(sa.Text, default="")
    markdown: Mapped[str] = mapped_column(sa.Text, default="")
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DocRescue(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """Words that came too late for the text, handed in by their writer; never applied to it.

    `reason`: role, freeze or reset. `body` is framed updates made on `base_seq` of `epoch`; the reader turns them into
    `text` (`read_at` is None till then), or says in `error` why it cannot. `decision`: inserted or declined, by an
    editor. The row goes 30 days after it.
    """

    __tablename__ = "doc_rescues"
    __table_args__ = (sa.Index("ix_doc_rescues_doc_id_decided_at", "doc_id", "decided_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    epoch: Mapped[int]
    base_seq: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decision: Mapped[str] = mapped_column(sa.String(16), default="")
    error: Mapped[str] = mapped_column(sa.String(500), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DocQuarantine(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """An update that could not be applied, taken out of the log; the document was rebuilt without it."""

    __tablename__ = "doc_quarantines"

    id: Mapped[int] = mapped_column(primary_key=True)
    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), index=True)
    seq: Mapped[int]
    epoch: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    client_key: Mapped[str] = mapped_column(sa.String(36))
    n: Mapped[int]
    at: Mapped[datetime]
    found_at: Mapped[datetime] = mapped_column(default=utcnow)
    error: Mapped[str] = mapped_column(sa.String(500))
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DocNumber(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """The highest n of a client key whose rows were trimmed from the log: its repeats are still recognised."""

    __tablename__ = "doc_numbers"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    client_key: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    n: Mapped[int]
    at: Mapped[datetime]
