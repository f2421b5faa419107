"""The sample's boards, threads and posts, spread over the last weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from portal.boards.actions import create_board, mark_read, publish_post, start_thread
from portal.boards.models import Board, Post, Thread
from portal.clock import utcnow
from portal.extensions import db
from portal.sample import content
from portal.sample.actions.people import Cast


def make_boards(cast: Cast) -> None:
    """Four boards with twelve threads, one of 45 posts."""
    for fields in content.read("boards")["boards"]:
        board = create_board(name=fields["name"], audience=fields["audience"], description=fields["description"])
        board.is_sample = True
        threads = [_make_thread(board, thread, cast) for thread in fields["threads"]]
        board.last_posted_at = max(thread.last_posted_at for thread in threads)


def _make_thread(board: Board, fields: dict[str, Any], cast: Cast) -> Thread:
    (author, opening), *replies = fields["posts"]
    times = spread(fields["from"], fields["to"], len(fields["posts"]))
    thread = start_thread(board, author=cast.people[author], title=fields["title"], body=opening)
    opening_post = db.session.scalars(sa.select(Post).where(Post.thread_id == thread.id)).one()
    thread.created_at = opening_post.created_at = thread.last_posted_at = next(times)
    for author, body in replies:
        post = publish_post(thread, author=cast.people[author], body=body, seen=thread.posts_count)
        post.created_at = thread.last_posted_at = next(times)
    for reader, number in fields.get("read", {}).items():
        mark_read(thread, by=cast.people[reader], number=number)
    return thread


def spread(first: int, last: int, count: int) -> Iterator[datetime]:
    """`count` instants from `first` to `last` days ago, in order, at all hours and the same every time.

    They stay in order as long as neighbours are more than 14 hours apart.
    """
    now, chance = utcnow(), Random(first)
    length = timedelta(days=first - last) / max(count - 1, 1)
    for number in range(count):
        yield now - timedelta(days=first) + length * number + timedelta(seconds=chance.randrange(0, 50_000))
