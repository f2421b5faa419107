"""`bench/results/faults.json`: what every run of every fault found, and the sums."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from launcher.environment import ROOT


class Results:
    """Runs by fault; kept nowhere without a `path`."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        stored = json.loads(path.read_text()) if path and path.exists() else {}
        self.each: dict[str, list[dict[str, Any]]] = {
            name: fault["each"] for name, fault in stored.get("faults", {}).items()
        }

    def runs(self, fault: str) -> int:
        return len(self.each.get(fault, []))

    def add(self, fault: str, **found: Any) -> None:
        """Add a run and write the file at once: the next run may not come to its end."""
        run = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "commit": commit(), "load": load(), **found}
        self.each.setdefault(fault, []).append(run)
        if self.path:
            faults = {name: summed(runs) for name, runs in sorted(self.each.items())}
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(written({"machine": machine(), "faults": faults}))


def written(report: dict[str, Any]) -> str:
    """JSON in which every run is one line."""
    runs: list[str] = []

    def keep(run: dict[str, Any]) -> str:
        runs.append(json.dumps(run))
        return f"run {len(runs) - 1}"

    faults = {name: {**fault, "each": list(map(keep, fault["each"]))} for name, fault in report["faults"].items()}
    text = json.dumps({**report, "faults": faults}, indent=1)
    for number, run in enumerate(runs):
        text = text.replace(f'"run {number}"', run)
    return text + "\n"


def summed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = [run["seconds_to_resume"] for run in runs if run["seconds_to_resume"] is not None]
    return {
        "runs": len(runs),
        "failed": sum(not run["is_green"] for run in runs),
        "acknowledged": sum(run["acknowledged"] for run in runs),
        "lost": sum(run["lost"] for run in runs),
        "doubled": sum(run["doubled"] for run in runs),
        "seconds_to_resume_median": round(statistics.median(seconds), 2) if seconds else None,
        "seconds_to_resume_max": max(seconds, default=None),
        "each": runs,
    }


def commit() -> str:
    """The commit, with a plus where the portal was changed since."""
    head = git("rev-parse", "--short", "HEAD")
    return head + ("+" if git("status", "--porcelain", "--", "portal", "deploy") else "")


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def load() -> float:
    return round(os.getloadavg()[0], 1)


def machine() -> dict[str, Any]:
    return {"system": platform.system(), "cores": os.cpu_count(), "python": platform.python_version()}
