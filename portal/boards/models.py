"""Boards hold threads, a thread holds posts; where each person has read to."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.clock import utcnow
from portal.extensions import db

POSTS_A_PAGE = 20


class Board(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A place for threads on one subject. `audience`: members; associates (and members); officers."""

    __tablename__ = "boards"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    audience: Mapped[str] = mapped_column(sa.String(16), default="members")
    position: Mapped[int] = mapped_column(default=0)
    threads_count: Mapped[int] = mapped_column(default=0)
    last_posted_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Thread(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """A question or a practice put to a board, and the posts that answer it.

    `posts_count` is also the number of the last post; numbers are gapless within the thread.
    """

    __tablename__ = "threads"
    __table_args__ = (sa.Index("ix_threads_board_activity", "board_id", "last_posted_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(sa.ForeignKey("boards.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_posted_at: Mapped[datetime] = mapped_column(default=utcnow)
    posts_count: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
    locked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    board: Mapped[Board] = relationship()
    author: Mapped[User] = relationship(foreign_keys=[author_id])

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def replies_count(self) -> int:
        return max(self.posts_count - 1, 0)

    @property
    def pages_count(self) -> int:
        return page_of(max(self.posts_count, 1))


def page_of(number: int) -> int:
    """The page, from 1, on which the post of this number stands. Numbers are gapless, so nothing is counted."""
    return (number - 1) // POSTS_A_PAGE + 1


class Post(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """What one person said. `body` is Markdown as typed, `html` its rendering by renderer `renderer`.

    `organisation_name` is what the author belonged to when they wrote: a later move does not rewrite history.
    `submission_key` makes a double click one post.
    """

    __tablename__ = "posts"
    __table_args__ = (
        sa.UniqueConstraint("thread_id", "number", name="uq_posts_thread_number"),
        sa.UniqueConstraint("author_id", "submission_key", name="uq_posts_submission"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("threads.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_name: Mapped[str] = mapped_column(sa.String(200), default="")
    body: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    renderer: Mapped[int]
    submission_key: Mapped[str | None] = mapped_column(sa.String(36))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    thread: Mapped[Thread] = relationship()
    author: Mapped[User] = relationship()


class ReadPosition(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy's typed base
    """Up to which post number a person has read a thread."""

    __tablename__ = "read_positions"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, autoincrement=False)
    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("threads.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime] = mapped_column(default=utcnow)
