"""A generated network: 500 people in 100 organisations, 20 boards, 2,000 threads, 50,000 posts, one long thread.

The same from the same seed. Bulk statements, so that it takes seconds; counters and numbers as the actions keep them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications import actions as applications
from portal.applications import templates
from portal.applications.models import Application, Partner
from portal.boards.models import Board, Post, ReadPosition, Thread
from portal.clock import utcnow
from portal.extensions import db
from portal.members.models import Membership, Organisation
from portal.richtext.markdown import render
from portal.transaction import commit

SEED = 20_261_124
ROWS_A_STATEMENT = 200
TEXT = """
empathy training ward nurse patient listening study evidence measure consultation practice clinic hospital student
teacher carer trust time silence question answer review trial centre network summit member meeting paper notes draft
plan week tomorrow often rarely always we they our with without about before after and or the a
"""
WORDS = TEXT.split()


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. `longest` is one thread's posts; `long_thread` is one more thread, as long as this."""

    people: int = 500
    organisations: int = 100
    boards: int = 20
    threads: int = 2_000
    posts: int = 50_000
    longest: int = 300
    long_thread: int = 10_000
    partners: int = 12


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where to look: ids, and the address of a section. `reader` is a leader who has read half of the threads."""

    reader: int
    board_slug: str
    longest_thread: int
    long_thread: int
    section: str


class Generator:
    """Builds one corpus in the current application's database."""

    def __init__(self, size: Size, seed: int = SEED) -> None:
        self.size, self.random, self.now = size, random.Random(seed), utcnow()
        self.bodies = [self._body() for _ in range(200)]

    def build(self) -> Corpus:
        """Write everything, in transactions of at most `ROWS_A_STATEMENT` rows a statement."""
        people = self._people()
        boards = self._boards()
        threads = self._threads(boards, people)
        reader = people[0]
        self._read_positions(reader, threads)
        section = self._section(reader)
        commit()
        slug = db.session.scalar(sa.select(Board.slug).order_by(Board.position))
        return Corpus(reader, str(slug), threads[0], threads[-1], section)

    def text(self, low: int, high: int) -> str:
        """So many words."""
        return " ".join(self.random.choices(WORDS, k=self.random.randint(low, high))).capitalize()

    def _body(self) -> tuple[str, str, int]:
        paragraphs = [f"{self.text(8, 60)}." for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.2:
            paragraphs.append("\n".join(f"- {self.text(3, 9)}" for _ in range(3)))
        source = "\n\n".join(paragraphs)
        rendered = render(source)
        return source, rendered.html, rendered.renderer

    def _people(self) -> list[int]:
        size = self.size
        organisations = [
            {"slug": f"corpus-centre-{n}", "name": f"Corpus Centre {n}", "place": "Leicester", "country": "GB"}
            for n in range(size.organisations)
        ]
        homes = _insert(Organisation, organisations)
        people = [
            {
                "name": f"Person {n} Corpus",
                "email": f"person-{n}@corpus.example",
                "email_key": f"person-{n}@corpus.example",
                "time_zone": "Europe/London",
            }
            for n in range(size.people)
        ]
        ids = _insert(User, people)
        today = self.now.date()
        memberships = [
            {
                "user_id": user_id,
                "organisation_id": homes[number % len(homes)],
                "role": "leader" if number < len(homes) else "colleague",
                "starts_on": today,
            }
            for number, user_id in enumerate(ids)
        ]
        _insert(Membership, memberships)
        return ids

    def _boards(self) -> list[int]:
        return _insert(
            Board,
            [
                {
                    "slug": f"corpus-{n}",
                    "name": f"Corpus board {n}",
                    "description": self.text(6, 14),
                    "position": n,
                    "last_posted_at": self.now,
                }
                for n in range(self.size.boards)
            ],
        )

    def _lengths(self) -> list[int]:
        """How many posts each thread has: one the longest, the rest uneven, together `posts`; then the long one."""
        size = self.size
        weights = [self.random.paretovariate(1.2) for _ in range(size.threads - 1)]
        spare = size.posts - size.longest - len(weights)
        total = sum(weights)
        lengths = [1 + min(int(weight / total * spare), size.longest - 1) for weight in weights]
        for number in range(size.posts - size.longest - sum(lengths)):  # what rounding and the cap left over
            place = number % len(lengths)
            lengths[place] += lengths[place] < size.longest
        return [size.longest, *lengths, size.long_thread]

    def _threads(self, boards: list[int], people: list[int]) -> list[int]:
        lengths = self._lengths()
        starts = [self.now - timedelta(days=400) + timedelta(minutes=n * 250) for n in range(len(lengths))]
        threads = [
            {
                "board_id": boards[number % len(boards)],
                "title": self.text(4, 10),
                "author_id": self.random.choice(people),
                "created_at": start,
                "last_posted_at": start + timedelta(minutes=length),
                "posts_count": length,
            }
            for number, (length, start) in enumerate(zip(lengths, starts, strict=True))
        ]
        ids = _insert(Thread, threads)
        counts = sa.select(sa.func.count(Thread.id)).where(Thread.board_id == Board.id).scalar_subquery()
        db.session.execute(sa.update(Board).values(threads_count=counts))
        _insert(Post, self._posts(zip(ids, lengths, starts, strict=True), people))
        return ids

    def _posts(self, threads: Iterable[tuple[int, int, datetime]], people: list[int]) -> Iterable[dict[str, Any]]:
        for thread_id, length, start in threads:
            for number in range(1, length + 1):
                body, html, renderer = self.random.choice(self.bodies)
                yield {
                    "thread_id": thread_id,
                    "number": number,
                    "author_id": self.random.choice(people),
                    "organisation_name": "Corpus Centre",
                    "body": body,
                    "html": html,
                    "renderer": renderer,
                    "created_at": start + timedelta(minutes=number),
                }

    def _read_positions(self, reader: int, threads: list[int]) -> None:
        some = self.random.sample(threads, len(threads) // 2)
        db.session.execute(
            sa.insert(ReadPosition),
            [{"user_id": reader, "thread_id": each, "number": 1, "read_at": self.now} for each in some],
        )

    def _section(self, reader: int) -> str:
        """The address of a section of an application with partners that accepted."""
        lead = db.session.get_one(User, reader)
        assert lead.membership is not None
        application: Application = applications.start_application(
            title="An application of the corpus",
            template=templates.newest("ssi-rsmf-full"),
            organisation=lead.membership.organisation,
            deadline=None,
            by=lead,
        )
        others = sa.select(Organisation).where(Organisation.id != lead.membership.organisation_id)
        for organisation in db.session.scalars(others.order_by(Organisation.id.desc()).limit(self.size.partners)):
            db.session.add(
                Partner(
                    application=application,
                    organisation=organisation,
                    state="accepted",
                    invited_by=lead,
                    decided_at=self.now,
                )
            )
        db.session.flush()
        return f"/applications/{application.id}/sections/{application.sections[0].key}"


def _insert(model: Any, rows: Iterable[dict[str, Any]]) -> list[int]:
    """Insert in statements of a bounded size and commit after each; the new ids, in order."""
    ids: list[int] = []
    returning = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    for chunk in _chunks(rows):
        ids.extend(db.session.scalars(returning, chunk))
        commit()
    return ids


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_A_STATEMENT)):
        yield chunk
