"""What happens on the boards, for the domains above and for those who watch. All are sent inside the transaction."""

from __future__ import annotations

from blinker import signal

thread_started = signal("boards.thread-started")
"""A thread and its first post were written. Sender: the Thread, flushed."""

post_published = signal("boards.post-published")
"""A post was written, the first one of a thread too. Sender: the Post, flushed and numbered."""

thread_lock_changed = signal("boards.thread-lock-changed")
"""An officer locked a thread or opened it again. Sender: the Thread."""
