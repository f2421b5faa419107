"""Numbers of real threads and boards from which an invented person's posts were taken."""

from __future__ import annotations

import sqlalchemy as sa

from portal.boards.models import Board, Post, ReadPosition, Thread
from portal.extensions import db

COUNT, LAST = sa.func.count(Thread.id), sa.func.max(Thread.last_posted_at)


def recount() -> None:
    """Make post numbers gapless again and counts true."""
    posts = sa.select(Post.thread_id, sa.func.count().label("posts")).group_by(Post.thread_id).subquery()
    query = sa.select(Thread).join(posts, posts.c.thread_id == Thread.id).where(posts.c.posts != Thread.posts_count)
    for thread in db.session.scalars(query).all():
        _renumber(thread)
    of_board = sa.select(Thread).where(Thread.board_id == Board.id)
    count, last = (of_board.with_only_columns(what).scalar_subquery() for what in (COUNT, LAST))
    db.session.execute(sa.update(Board).values(threads_count=count, last_posted_at=last))


def _renumber(thread: Thread) -> None:
    """In the order in which they stand. Whoever read up to a post that went has read up to the one before it."""
    posts = db.session.scalars(sa.select(Post).where(Post.thread_id == thread.id).order_by(Post.number)).all()
    positions = db.session.scalars(sa.select(ReadPosition).where(ReadPosition.thread_id == thread.id)).all()
    for position in positions:
        position.number = sum(post.number <= position.number for post in posts)
    for number, post in enumerate(posts, 1):
        post.number = number
        db.session.flush()  # one by one, upwards: the numbers of a thread are unique
    thread.posts_count, thread.last_posted_at = len(posts), posts[-1].created_at
