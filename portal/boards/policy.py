"""Who may read the boards and write on them: the audience of a board decides, and says so in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import contains_eager, joinedload

from portal.access import allow, found
from portal.boards.models import Board, Post, Thread
from portal.extensions import db


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a board is for. `admits` enforces what `label` and `sentence` tell people: nothing else decides."""

    label: Any
    sentence: Any
    admits: Callable[[Any], bool]


AUDIENCES: dict[str, Audience] = {
    "members": Audience(
        _("Members"),
        _("Seen by members only"),
        lambda user: user.is_member or user.is_officer,
    ),
    "associates": Audience(
        _("Members and associates"),
        _("Seen by members and associates"),
        lambda user: True,
    ),
    "officers": Audience(
        _("Officers"),
        _("Seen by officers only"),
        lambda user: user.is_officer,
    ),
}


def audience_of(board: Board) -> Audience:
    return AUDIENCES[board.audience]


def audiences_of(user: Any) -> list[str]:
    """The audiences this person belongs to; none for somebody signed out or suspended."""
    if not user.is_authenticated or user.is_suspended:
        return []
    return [name for name, audience in AUDIENCES.items() if audience.admits(user)]


def can_read(user: Any, board: Board) -> bool:
    return board.audience in audiences_of(user)


def boards_read_by(user: Any) -> sa.Select[Any]:
    """The boards this person may know of: the start of every other `visible_…` here."""
    return sa.select(Board).where(Board.audience.in_(audiences_of(user)))


def visible_threads(user: Any) -> sa.Select[Any]:
    """Threads, with their board, on the boards this person reads."""
    readable = Board.audience.in_(audiences_of(user))
    return sa.select(Thread).join(Thread.board).where(readable).options(contains_eager(Thread.board))


def visible_posts(user: Any) -> sa.Select[Any]:
    """Posts, with thread and board, on the boards this person reads."""
    query = sa.select(Post).join(Post.thread).join(Thread.board).where(Board.audience.in_(audiences_of(user)))
    return query.options(contains_eager(Post.thread).contains_eager(Thread.board))


def can_create_board(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_officer)


def can_start_thread(user: Any, board: Board) -> bool:
    return can_read(user, board)


def can_reply(user: Any, thread: Thread) -> bool:
    """Officers may add a closing word to a thread that was locked."""
    return can_read(user, thread.board) and (user.is_officer or not thread.is_locked)


def can_lock(user: Any, thread: Thread) -> bool:
    return can_read(user, thread.board) and bool(user.is_officer)


def _held(query: sa.Select[Any], model: Any) -> sa.Select[Any]:
    """The row locked until the commit (SQLite has one writer anyway), and read anew if it was read before."""
    return query.with_for_update(of=model).execution_options(populate_existing=True)


def access_board(
    user: Any, slug: str, to: Callable[[Any, Board], bool] | None = None, *, for_update: bool = False
) -> Board:
    """The board at this address; `for_update` holds its row. Raises NotFound, or Forbidden when `to` says no."""
    query = boards_read_by(user).where(Board.slug == slug)
    board: Board = found(db.session.scalar(_held(query, Board) if for_update else query))
    if to is not None:
        allow(to(user, board))
    return board


def access_thread(
    user: Any, thread_id: int, to: Callable[[Any, Thread], bool] | None = None, *, for_update: bool = False
) -> Thread:
    """The thread with board and author; `for_update` holds its row. Raises NotFound, or Forbidden when `to` says no."""
    query = visible_threads(user).where(Thread.id == thread_id).options(joinedload(Thread.author, innerjoin=True))
    thread: Thread = found(db.session.scalar(_held(query, Thread) if for_update else query))
    if to is not None:
        allow(to(user, thread))
    return thread


def access_post(user: Any, post_id: int) -> Post:
    """The post with thread and board. Raises NotFound."""
    post: Post = found(db.session.scalar(visible_posts(user).where(Post.id == post_id)))
    return post
