"""Everything that is written on the boards: boards, threads, posts, locks, and how far people have read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portal import audit
from portal.accounts.models import User
from portal.boards import signals
from portal.boards.models import Board, Post, ReadPosition, Thread
from portal.clock import utcnow
from portal.extensions import db
from portal.inserting import insert
from portal.richtext.markdown import render
from portal.web.slugs import first_free, slug_for

# `/boards/new`, `/boards/threads/…` and `/boards/posts/…` are addresses of their own.
RESERVED_SLUGS = frozenset({"new", "threads", "posts"})


def create_board(*, name: str, audience: str, description: str = "", by: Any = None) -> Board:
    """Open a board at the end of the list; its address comes from its name. `by` is None on the command line."""
    last = db.session.scalar(sa.select(sa.func.max(Board.position))) or 0
    board = Board(slug=_free_slug(name), name=name, audience=audience, description=description, position=last + 1)
    db.session.add(board)
    db.session.flush()
    audit.record("board_created", by=by, about=board, audience=audience)
    return board


def _free_slug(name: str) -> str:
    """From the name; "board" for a name that has no Latin letters."""
    return first_free(
        slug_for(name, otherwise="board"), RESERVED_SLUGS | set(db.session.scalars(sa.select(Board.slug)))
    )


def start_thread(board: Board, *, author: Any, title: str, body: str, submission_key: str | None = None) -> Thread:
    """Put a question or a practice to the board. The same submission sent twice is one thread.

    `board` is held for update, so that its counts stay right. `body` is Markdown of at most
    `richtext.markdown.MAX_CHARACTERS`.
    """
    earlier = _earlier_submission(author, submission_key, body)
    if earlier is not None:
        return earlier.thread
    thread = Thread(board=board, author=author, title=title)
    board.threads_count += 1
    db.session.add(thread)
    db.session.flush()
    _add_post(thread, author, body, submission_key)
    signals.thread_started.send(thread)
    return thread


def publish_post(
    thread: Thread, *, author: Any, body: str, submission_key: str | None = None, seen: int | None = None
) -> Post:
    """Add a reply. The same submission sent twice is one post.

    `thread` is held for update, so that numbers are gapless. `seen` is the number of the last post that the
    author had before them: by replying they have read to there, and their own reply when nothing came between.
    """
    earlier = _earlier_submission(author, submission_key, body)
    if earlier is not None:
        return earlier
    post = _add_post(thread, author, body, submission_key)
    if seen is not None:
        mark_read(thread, by=author, number=post.number if seen >= post.number - 1 else seen)
    return post


def _earlier_submission(author: Any, submission_key: str | None, body: str) -> Post | None:
    """The post that this form made already. Another text under the same key is no double click: going back in
    the browser brings the old key with a new text, and that must not be lost."""
    if submission_key is None:
        return None
    query = sa.select(Post).where(Post.author_id == author.id, Post.submission_key == submission_key)
    post: Post | None = db.session.scalar(query)
    if post is not None and post.body != body:
        post.submission_key = None
        db.session.flush()
        return None
    return post


def _add_post(thread: Thread, author: Any, body: str, submission_key: str | None) -> Post:
    """One more post under the next number, with the author's organisation as it is today."""
    rendered = render(body)
    thread.posts_count += 1
    post = Post(
        thread=thread,
        number=thread.posts_count,
        author=author,
        organisation_name=author.membership.organisation.name if author.membership else "",
        body=body,
        html=rendered.html,
        renderer=rendered.renderer,
        submission_key=submission_key,
        created_at=utcnow(),
    )
    thread.last_posted_at = thread.board.last_posted_at = post.created_at
    db.session.add(post)
    db.session.flush()
    if post.number == 1:
        mark_read(thread, by=author, number=1)
    signals.post_published.send(post)
    return post


def mark_read(thread: Thread, *, by: Any, number: int) -> None:
    """Note that this person has read the thread up to `number`; it never goes back."""
    statement = insert(ReadPosition).values(
        user_id=by.id, thread_id=thread.id, number=min(number, thread.posts_count), read_at=utcnow()
    )
    fresh = statement.excluded
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[ReadPosition.user_id, ReadPosition.thread_id],
            set_={"number": fresh.number, "read_at": fresh.read_at},
            where=ReadPosition.number < fresh.number,
        )
    )


def lock_thread(thread: Thread, *, by: Any) -> None:
    """Close the thread for replies; officers may still add a word. Doing it twice keeps the first."""
    if thread.is_locked:
        return
    thread.locked_at, thread.locked_by_id = utcnow(), by.id
    audit.record("thread_locked", by=by, about=thread)
    signals.thread_lock_changed.send(thread)


def unlock_thread(thread: Thread, *, by: Any) -> None:
    """Take replies again."""
    if not thread.is_locked:
        return
    thread.locked_at = thread.locked_by_id = None
    audit.record("thread_unlocked", by=by, about=thread)
    signals.thread_lock_changed.send(thread)


def forget_reader(user: User) -> None:
    """Drop how far this person has read. What they wrote stays."""
    theirs = sa.delete(ReadPosition).where(ReadPosition.user_id == user.id)
    db.session.execute(theirs, execution_options={"synchronize_session": False})
