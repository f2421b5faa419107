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
    """

    __tablename__ = "doc_heads"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=1)
    rights_seq: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
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

    The large columns stand last: SQLite walks a row's overflow pages to reach what lies behind them.
    """

    __tablename__ = "doc_states"

    doc_id: Mapped[int] = mapped_column(sa.ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(default=0)
    epoch: Mapped[int] = mapped_column(default=1)
    read_seq: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    html: Mapped[str] = mapped_column(sa.Text, default="")
    markdown: Mapped[str] = mapped_column(sa.Text, default="")
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
