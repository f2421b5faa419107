"""What is measured: one row a question, each with its people, its contestants, its goal and its limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PORTAL, AT_ONCE, POLLING = "portal", "portal at once", "portal polling"
HOCUSPOCUS, Y_WEBSOCKET, PYCRDT = "Hocuspocus", "y-websocket", "pycrdt-websocket"
ALL = (PORTAL, AT_ONCE, HOCUSPOCUS, Y_WEBSOCKET, PYCRDT)
PLAIN = (PORTAL, HOCUSPOCUS, Y_WEBSOCKET, PYCRDT)
SPARED_ROUNDS = 2  # for those to whom no goal refers: figures to look at, not to judge by


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question. `work` is the driver's, `job` what it is told; `figure` is what the goal and limit speak of.

    `base` is whose figure in the same round the ratio divides by. `is_more_better` turns the comparison round.
    `most` is the longest wait that is allowed, in ms. `fresh` starts the servers anew for every round.
    """

    name: str
    title: str
    work: str
    job: dict[str, Any]
    contestants: tuple[str, ...] = ALL
    processes: int = 1
    figure: str = "p95"
    base: str = HOCUSPOCUS
    judged: str = PORTAL
    goal: float | None = None
    limit: float | None = None
    is_more_better: bool = False
    most: float | None = None
    fresh: bool = False
    rounds: int | None = None
    documents: int = 1
    patience: int = 60

    def contestants_of(self, number: int) -> list[str]:
        """Who runs in round `number` (from 0), in an order that turns with the rounds."""
        judged = (self.judged, self.base)
        names = [name for name in self.contestants if number < SPARED_ROUNDS or name in judged or name == PORTAL]
        turn = number % len(names)
        return names[turn:] + names[:turn]

    @property
    def wants_long(self) -> bool:
        return self.work == "cold"


def _typing(people: int, typists: int, **more: Any) -> dict[str, Any]:
    return {"people": people, "typists": typists, "rate": 5, "seconds": 3, **more}


TWO_PROCESSES: dict[str, Any] = {"processes": 2, "goal": 1.0}
POLLED = ["polling", "websocket"]  # as on a page whose WebSocket failed: polling, and asking for better in vain

ROWS = (
    Row(name="two", title="2 people type", work="typing", job=_typing(2, 2), contestants=PLAIN, goal=1.0, limit=1.5),
    Row(name="ten", title="10 people, 5 type", work="typing", job=_typing(10, 5), goal=1.0, limit=1.5),
    Row(name="fifty", title="50 people, 5 type", work="typing", job=_typing(50, 5), goal=1.0, limit=1.3),
    Row(
        name="twohundred",
        title="200 people, 5 type 4 keystrokes a second",
        work="typing",
        job=_typing(200, 5, rate=4),
        contestants=PLAIN,
        goal=1.0,
        limit=1.2,
    ),
    Row(
        name="ten-on-two",
        title="10 people, 5 type; two processes",
        work="typing",
        job=_typing(10, 5),
        contestants=(PORTAL, HOCUSPOCUS),
        limit=1.5,
        **TWO_PROCESSES,
    ),
    Row(
        name="fifty-on-two",
        title="50 people, 5 type; two processes",
        work="typing",
        job=_typing(50, 5),
        contestants=(PORTAL, AT_ONCE, HOCUSPOCUS),
        limit=1.3,
        **TWO_PROCESSES,
    ),
    Row(
        name="flood",
        title="10 people, 4 type 1,000 keystrokes each without a pause",
        work="flood",
        job={"people": 10, "typists": 4, "each": 1000},
        figure="updates_a_second",
        judged=AT_ONCE,
        goal=1.0,
        limit=0.7,
        is_more_better=True,
    ),
    Row(
        name="cold",
        title="the first opening of 274,308 edits",
        work="cold",
        job={},
        contestants=PLAIN,
        figure="p50",
        goal=1.0,
        documents=3,
    ),
    Row(
        name="documents",
        title="200 documents of 3 people",
        work="documents",
        job={"people": 3, "each": 10},
        contestants=PLAIN,
        figure="kb_a_document",
        goal=1.0,
        fresh=True,
        rounds=1,
        documents=200,
        patience=120,
    ),
    Row(
        name="polling",
        title="10 people, 3 type; WebSockets refused",
        work="typing",
        job=_typing(10, 3),
        contestants=(PORTAL, POLLING),
        base=PORTAL,
        judged=POLLING,
        limit=3.0,
    ),
    Row(
        name="polling-fifty",
        title="50 people, 5 type; WebSockets refused",
        work="typing",
        job=_typing(50, 5),
        contestants=(POLLING,),
        base=POLLING,
        judged=POLLING,
        figure="longest",
        most=1000.0,
        rounds=3,
    ),
)
BY_NAME = {row.name: row for row in ROWS}


@dataclass(slots=True)
class Run:
    """One contestant in one round. `figures` is what the driver printed; with `failed` in it nothing else counts."""

    row: str
    round: int
    contestant: str
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> str:
        return str(self.figures.get("failed", ""))
