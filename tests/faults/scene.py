"""Six people at work in one section, and what must be true after a fault."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.people import Writer, server_cookies
from tests.faults.stack import TAIL, FaultyStack
from tests.faults.traces import excerpts
from tests.faults.typists import Driver
from tests.waiting import eventually

WRITERS = ("yetunde", "marisol", "tomas")
TABS = 6
POLLING = ("tab2", "tab5")  # one on each server
PAUSE_MS = 110  # between two strokes of one tab, on average
BEGINNING, AFTERWARDS = 8, 4  # acknowledged edits of every tab before the fault, and after it
AGREE_SECONDS = 10.0
PATIENCE_SECONDS = 45.0  # for what a bar then judges: a report says how late it was
WITH_A_TEXT = ("summary", "objectives")  # in the sample; the others begin empty
ROUNDS = itertools.count(1)

Tabs = list[dict[str, Any]]  # what the driver's `status` says of each


class Scene:
    """One round: six tabs of three people, half of them on each server, type until they are told to stop."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.stack, self.driver = house, house.stack, house.driver
        self.number = number
        self.round = next(ROUNDS)
        self.section = house.sections[self.round % len(house.sections)]
        self.document_id = house.people[0].document(self.section)
        self.since = 0.0  # typing must be acknowledged again after this, in seconds since 1970
        self.log_sizes = self.stack.log_sizes()

    def open(self) -> None:
        server_cookies(self.stack)  # the fault before this one may have ended one
        for number, excerpt in enumerate(self.house.excerpts):
            person = self.house.people[number // 2 % len(self.house.people)]
            name = f"tab{number}"
            self.driver.ask(
                "join",
                name=name,
                isPolling=name in POLLING,
                cookies=person.cookies(self.house.servers[number % len(self.house.servers)]),
                documentId=self.document_id,
                shared=f"k{self.round}all: ",
                isFirst=number == 0,
                label=f"k{self.round}c{number}:",
                start=excerpt.start,
                patches=excerpt.patches,
                pause=PAUSE_MS,
            )
            if number == 0:
                self.all_saved(AGREE_SECONDS)
        self.agree(AGREE_SECONDS)
        self.check_lines()
        self.driver.ask("type")
        self.more(BEGINNING)

    def check_lines(self) -> None:
        """Both transports, and every server process has its tabs: else a fault would prove little."""
        tabs = self.status()
        assert {tab["name"] for tab in tabs if tab["transport"] == "polling"} == set(POLLING), described(tabs)
        assert {tab["server"] for tab in tabs} == set(self.house.servers), described(tabs)

    def status(self) -> Tabs:
        answer: Tabs = self.driver.ask("status", since=self.since * 1000)
        return answer

    def now(self) -> float:
        """Measure from here until every tab's typing is acknowledged."""
        self.since = time.time()
        return self.since

    def resumed(self) -> float:
        """Seconds from `since` until all that was typed before it, and something typed after it, was acknowledged."""
        self.wait(lambda tabs: all(tab["resumed"] for tab in tabs), "typing to be acknowledged again")
        return max(float(tab["resumed"]) for tab in self.status()) / 1000 - self.since

    def more(self, edits: int = AFTERWARDS, *, of: Callable[[str], bool] = lambda _: True) -> None:
        """Until each of these tabs had so many edits more acknowledged."""
        before = {tab["name"]: tab["acknowledged"] for tab in self.status()}
        self.wait(
            lambda tabs: all(tab["acknowledged"] - before[tab["name"]] >= edits for tab in tabs if of(tab["name"])),
            f"{edits} more acknowledged edits",
        )

    def wait(
        self, is_so: Callable[[list[dict[str, Any]]], bool], what: str, patience: float = PATIENCE_SECONDS
    ) -> None:
        deadline = time.monotonic() + patience
        while not is_so(tabs := self.status()):
            assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}:\n{described(tabs)}"
            pause(0.1)

    def all_saved(self, patience: float) -> None:
        self.wait(lambda tabs: not any(tab["waiting"] for tab in tabs), "everything to be acknowledged", patience)

    def agree(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while unlike := self.driver.ask("unlike"):
            assert time.monotonic() < deadline, f"after {patience:.0f} s {unlike} do not hold what tab0 holds"
            pause(0.1)

    def judge(self) -> tuple[dict[str, Any], list[str]]:
        """Stop typing; count what a newcomer and the page without a script lack. Returns counts and findings."""
        self.driver.ask("hush")
        findings = self._attempt(lambda: self.all_saved(PATIENCE_SECONDS))
        findings += self._attempt(lambda: self.agree(AGREE_SECONDS))
        person = self.house.people[self.round % len(self.house.people)]
        verdict = self.driver.ask("verdict", cookies=person.cookies(), documentId=self.document_id)
        findings += verdict["findings"]
        findings += [f"{name} does not hold what a newcomer's tab holds" for name in verdict["unlike"]]
        findings += self._attempt(
            lambda: eventually(
                lambda: person.reading(self.section) == verdict["blocks"],
                "the page without JavaScript to show what a newcomer's tab shows",
                patience=20,
            )
        )
        for tab in self.status():
            findings += [f"{tab['name']} said Saved while something waited: {lie}" for lie in tab["lies"][:3]]
        return verdict, findings

    def _attempt(self, check: Callable[[], object]) -> list[str]:
        try:
            check()
        except AssertionError as error:
            return [str(error)]
        return []

    def said_offline(self, tab: dict[str, Any], at: float) -> float:
        """Seconds from `at` until this tab said that it is offline; infinite when it never did."""
        times = [when / 1000 - at for when, word in tab["words"] if when / 1000 >= at and word.startswith("offline")]
        return min(times, default=float("inf"))

    def logs(self) -> str:
        logs = self.stack.logged_since(self.log_sizes)
        return "\n".join(f"--- {name}\n{text[-TAIL:]}" for name, text in logs.items() if text)

    def tracebacks(self) -> str:
        logs = self.stack.logged_since(self.log_sizes)
        return "\n".join(f"{name}:\n{text[-4000:]}" for name, text in logs.items() if "Traceback" in text)

    def close(self) -> None:
        self.driver.ask("leave")


def described(tabs: Tabs) -> str:
    return "\n".join(
        f"  {tab['name']}: {tab['acknowledged']} acknowledged, {tab['waiting']} waiting, resumed {tab['resumed']}, "
        f"{tab['line']} by {tab['transport']}, says {tab['words'][-1:]}, last refusals {tab['refusals'][-3:]}"
        for tab in tabs
    )


def pause(seconds: float) -> None:
    """Between two questions, or while a fault lasts."""
    time.sleep(seconds)


class House:
    """A stack with the people who write in it, kept for many rounds."""

    def __init__(self, stack: FaultyStack, driver: Driver, traces: Path | None) -> None:
        self.stack, self.driver = stack, driver
        stack.start()
        driver.ask("begin", origin=stack.origin)
        sign_ins = stack.sign_ins()
        self.people = [Writer(stack, *sign_ins[name]) for name in WRITERS]
        self.servers = server_cookies(stack)
        self.sections = [path for path in self.people[0].sections() if not path.endswith(WITH_A_TEXT)]
        self.excerpts = excerpts(traces, TABS)

    def stop(self) -> None:
        self.driver.stop()
        self.stack.stop()
