"""One run of one fault, from the first tab to the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.faults import Fault
from tests.faults.scene import Scene


@dataclass(slots=True)
class Run:
    """Counts of edits, how long typing waited, and `findings`: a sentence for each thing that is wrong."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    seconds: float | None = None
    findings: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        counts = {"acknowledged": self.acknowledged, "lost": self.lost, "doubled": self.doubled}
        return {**counts, "seconds_to_resume": self.seconds, "is_green": not self.findings}

    def __str__(self) -> str:
        resumed = "did not resume" if self.seconds is None else f"resumed after {self.seconds:.2f} s"
        return f"{self.acknowledged:>6} acknowledged, {self.lost} lost, {self.doubled} doubled, {resumed}"


def play(scene: Scene, fault: Fault) -> Run:
    """Open, type, break, type on, judge; what goes wrong in one step keeps none of the later ones from counting."""
    run = Run()
    try:
        attempt(run, lambda: until_resumed(scene, fault, run))
        if run.seconds is not None and run.seconds > fault.within:
            run.findings.append(f"typing was acknowledged again after {run.seconds} s, later than {fault.within} s")
        attempt(run, lambda: judge(scene, run))
    finally:
        scene.close()
    if not fault.logs_errors and (tracebacks := scene.tracebacks()):
        run.findings.append(tracebacks)
    return run


def until_resumed(scene: Scene, fault: Fault, run: Run) -> None:
    scene.open()
    fault.act(scene)
    run.seconds = round(scene.resumed(), 2)
    scene.more()


def judge(scene: Scene, run: Run) -> None:
    verdict, findings = scene.judge()
    run.acknowledged, run.lost, run.doubled = (verdict[name] for name in ("acknowledged", "lost", "doubled"))
    run.findings += findings


def attempt(run: Run, step: Callable[[], None]) -> None:
    try:
        step()
    except AssertionError as error:
        run.findings.append(str(error))
