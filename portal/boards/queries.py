"""What the pages of the boards show: each one statement, however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from portal.boards.models import POSTS_A_PAGE, Board, Post, ReadPosition, Thread, page_of
from portal.boards.policy import boards_read_by, visible_threads
from portal.extensions import db

THREADS_A_PAGE = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A board in the index; `unread` is the number of its threads with something new for this person."""

    board: Board
    unread: int


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread in a list; `unread` is the number of its posts that this person has not read."""

    thread: Thread
    read_to: int

    @property
    def unread(self) -> int:
        return self.thread.posts_count - self.read_to


@dataclass(frozen=True, slots=True)
class ThreadList:
    """One page of a board's threads, latest activity first; `older` is the cursor of the next, or None."""

    lines: list[ThreadLine]
    older: str | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A thread's posts on one page, and how far this person had read when they opened it."""

    thread: Thread
    posts: Sequence[Post]
    number: int
    read_to: int

    @property
    def unread(self) -> int:
        return self.thread.posts_count - self.read_to

    @property
    def first_unread(self) -> int | None:
        """The number of the first post not read yet; None when all are."""
        return self.read_to + 1 if self.unread > 0 else None

    @property
    def is_last(self) -> bool:
        return self.number == self.thread.pages_count

    @property
    def first_place(self) -> int:
        """The number of the first post that belongs on this page."""
        return self.last_place - POSTS_A_PAGE + 1

    @property
    def last_place(self) -> int:
        """The number of the last post for which this page has room."""
        return self.number * POSTS_A_PAGE

    @property
    def last_number(self) -> int:
        """The number of the last post here."""
        return self.posts[-1].number if self.posts else 0


def _positions_of(user: Any) -> Any:
    """The join condition that finds this person's read position of a thread."""
    return sa.and_(ReadPosition.thread_id == Thread.id, ReadPosition.user_id == user.id)


READ_TO = sa.func.coalesce(ReadPosition.number, 0)


def board_lines(user: Any) -> list[BoardLine]:
    """Every board this person reads, in the officers' order, with the number of threads that have news."""
    unread = (
        sa.select(sa.func.count(Thread.id))
        .outerjoin(ReadPosition, _positions_of(user))
        .where(Thread.board_id == Board.id, Thread.posts_count > READ_TO)
        .correlate(Board)
        .scalar_subquery()
    )
    query = boards_read_by(user).add_columns(unread).order_by(Board.position, Board.id)
    return [BoardLine(board, count) for board, count in db.session.execute(query)]


def thread_list(user: Any, board: Board, before: str | None = None) -> ThreadList:
    """Threads of a board by last activity, after the cursor `before`. Raises ValueError for a cursor of no list."""
    query = (
        sa.select(Thread, READ_TO)
        .join(Thread.author)
        .outerjoin(ReadPosition, _positions_of(user))
        .where(Thread.board_id == board.id)
        .options(contains_eager(Thread.author))
        .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
        .limit(THREADS_A_PAGE + 1)
    )
    if before is not None:
        query = query.where(sa.tuple_(Thread.last_posted_at, Thread.id) < sa.tuple_(*_place(before)))
    lines = [ThreadLine(thread, read_to) for thread, read_to in db.session.execute(query)]
    shown = lines[:THREADS_A_PAGE]
    return ThreadList(shown, cursor(shown[-1].thread) if len(lines) > THREADS_A_PAGE else None)


def cursor(thread: Thread) -> str:
    """Where a list goes on after this thread: its last activity in microseconds, and its id for the tie."""
    return f"{(thread.last_posted_at - EPOCH) // timedelta(microseconds=1)}-{thread.id}"


def _place(before: str) -> tuple[Any, Any]:
    moment, separator, thread_id = before.partition("-")
    if not (separator and moment.isdecimal() and thread_id.isdecimal() and len(moment) <= 16 and len(thread_id) <= 9):
        raise ValueError(f"no cursor: {before!r}")
    at = sa.literal(EPOCH + timedelta(microseconds=int(moment)), Thread.last_posted_at.type)
    return at, sa.literal(int(thread_id))


def thread_page(user: Any, thread: Thread, number: int | None = None) -> ThreadPage | None:
    """The page `number`; without one the page of the first unread post. None for a page that is not there.

    A thread that was read to its end opens at its end.
    """
    position = db.session.get(ReadPosition, (user.id, thread.id))
    read_to = position.number if position else 0
    shown = page_of(min(read_to + 1, max(thread.posts_count, 1))) if number is None else number
    if not 1 <= shown <= thread.pages_count:
        return None
    return ThreadPage(thread, posts_of_page(thread, shown), shown, read_to)


def posts_of_page(thread: Thread, page: int) -> Sequence[Post]:
    """Twenty posts by number: the last page costs what the first does."""
    last_place = page * POSTS_A_PAGE
    query = (
        sa.select(Post)
        .where(Post.thread_id == thread.id, Post.number.between(last_place - POSTS_A_PAGE + 1, last_place))
        .order_by(Post.number)
        .options(joinedload(Post.author, innerjoin=True))
    )
    return db.session.scalars(query).all()


def unread_threads(user: Any, limit: int = 6) -> tuple[list[ThreadLine], int]:
    """The threads with news that moved last, and how many there are in all: one statement."""
    query = (
        visible_threads(user)
        .outerjoin(ReadPosition, _positions_of(user))
        .where(Thread.posts_count > READ_TO)
        .add_columns(READ_TO, sa.func.count().over())
        .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
        .limit(limit)
    )
    rows = db.session.execute(query).all()
    return [ThreadLine(thread, read_to) for thread, read_to, _ in rows], rows[0][2] if rows else 0
