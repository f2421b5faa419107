"""Boards, threads and posts."""

from __future__ import annotations

from portal.accounts.models import User
from portal.boards import actions
from portal.boards.models import Board, Post, Thread
from portal.extensions import db
from tests.builders.members import MemberBuilders


class BoardBuilders(MemberBuilders):
    def board(self, name: str = "", audience: str = "members", description: str = "") -> Board:
        with self.saved():
            return actions.create_board(
                name=name or f"Board {next(self.numbers)}", audience=audience, description=description
            )

    def thread(self, board: Board | None = None, author: User | None = None, title: str = "", body: str = "") -> Thread:
        """A thread with its first post, on a board for members unless one is named."""
        board, author = board or self.board(), author or self.leader(f"Author {next(self.numbers)}")
        with self.saved():
            return actions.start_thread(
                db.session.get_one(Board, board.id),
                author=db.session.get_one(User, author.id),
                title=title or f"Thread {next(self.numbers)}",
                body=body or "A question to all.",
            )

    def post(self, thread: Thread, author: User | None = None, body: str = "") -> Post:
        """A reply, by the thread's author unless somebody is named."""
        with self.saved():
            found = db.session.get_one(Thread, thread.id)
            return actions.publish_post(
                found,
                author=db.session.get_one(User, author.id) if author else found.author,
                body=body or f"Reply {next(self.numbers)}.",
            )

    def posts(self, thread: Thread, count: int, author: User | None = None) -> list[Post]:
        """So many replies."""
        return [self.post(thread, author) for _ in range(count)]
