"""Who may watch a thread, and what watchers see happen there."""

from __future__ import annotations

from typing import Any

from portal import live
from portal.boards import signals
from portal.boards.models import Post, Thread
from portal.boards.policy import access_thread
from portal.transaction import on_commit


@live.stream("thread")
def thread_stream(user: Any, thread_id: int) -> None:
    """Whoever may read the thread may watch it."""
    access_thread(user, thread_id)


@signals.post_published.connect
def _show_post(post: Post) -> None:
    on_commit(live.publish, f"thread:{post.thread_id}", "boards/posts/created.stream.html", post=post)


@signals.thread_lock_changed.connect
def _show_lock(thread: Thread) -> None:
    on_commit(live.publish, f"thread:{thread.id}", "boards/threads/lock.stream.html", thread=thread)
