"""`bin/bench live`: interleaved rounds of every row, a table in Markdown, bench/results/live-NAME.json.

Figures need a quiet machine; each is the median of the rounds, each ratio is formed within a round. A run that did not
converge, or left anything unacknowledged, is shown as failed and never averaged. Linux only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.http import machine
from bench.live import peers, report
from bench.live.rows import BY_NAME, ROWS, Row, Run
from bench.live.servers import HERE, Contestant, Need, output_of, running
from launcher.environment import ROOT
from launcher.words import Refusal
from tests.faults.traces import made_up

RESULTS = ROOT / "bench" / "results"
MADE_UP_SEED = 1
TYPED = ("friendsforever_flat.json.gz", "seph-blog1.json.gz")
LONG = "seph-blog1.json.gz"
REST_SECONDS = 0.3


def main(arguments: list[str]) -> int:
    """Measure, print, write. 1 when a run failed; the exit code says nothing about speed."""
    asked = parse(arguments)
    try:
        peers.install()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    rows = rows_asked(asked)
    known = {"machine": machine(), "commit": commit_of(), "versions": peers.versions(), "rounds": asked.rounds}
    started = time.monotonic()
    runs: list[Run] = []
    loads: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for row in rows:
            began = time.monotonic()
            runs += measure(row, asked, Path(folder), loads)
            print(f" {time.monotonic() - began:.0f} s", end="", flush=True)
    result = {**known, "seconds": round(time.monotonic() - started), "loads": loads, **report.summary(rows, runs)}
    print(f"\n{report.table(result)}\n")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"live-{asked.name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{result['seconds']} s; written to {path.relative_to(ROOT)}.")
    return int(any(run.failed for run in runs))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench live")
    parser.add_argument("--rows", default=",".join(BY_NAME), help="which, with commas between; all without it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--traces", type=Path, help="a folder with " + " and ".join(TYPED))
    parser.add_argument("--name", default=datetime.now(UTC).strftime("%Y-%m-%d"), help="of the results file")
    parser.add_argument("--only", help="contestants, with commas between (the portal and Hocuspocus, say)")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.rows.split(",")) - set(BY_NAME):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}")
    return asked


def rows_asked(asked: argparse.Namespace) -> list[Row]:
    """Those asked for; the long document needs its trace."""
    rows = [row for row in ROWS if row.name in asked.rows.split(",")]
    if asked.traces is None and any(row.wants_long for row in rows):
        print("Without --traces there is no long document: the row 'cold' is left out.")
        rows = [row for row in rows if not row.wants_long]
    return rows


def measure(row: Row, asked: argparse.Namespace, folder: Path, loads: list[dict[str, Any]]) -> list[Run]:
    """All rounds of one row: within a round every contestant after the other, in another order each time."""
    names = row.contestants
    if asked.only:
        names = tuple(name for name in names if name in asked.only.split(","))
    rounds = min(asked.rounds, row.rounds or asked.rounds)
    long = long_document(asked.traces) if row.wants_long else None
    documents = row.documents if row.fresh else row.documents * rounds
    need = Need(row.processes, 0 if long else documents, long, documents if long else 0)
    print(f"\n{row.title}: ", end="", flush=True)
    runs: list[Run] = []
    number = 0
    while number < rounds:
        here = 1 if row.fresh else rounds
        with running(names, folder, need) as contestants:
            for place in range(here):
                runs += one_round(row, asked, number, place, contestants, loads)
                number += 1
    return runs


def one_round(
    row: Row,
    asked: argparse.Namespace,
    number: int,
    place: int,
    contestants: dict[str, Contestant],
    loads: list[dict[str, Any]],
) -> list[Run]:
    """Every contestant once. `place` says which documents nobody has opened yet."""
    names = [name for name in row.contestants_of(number) if name in contestants]
    runs = []
    before = os.getloadavg()[0]
    for name in names:
        time.sleep(REST_SECONDS)
        job = contestants[name].job(row.job, place * row.documents, row.documents)
        runs.append(Run(row.name, number, name, drive(row, asked, contestants[name], job)))
        print("x" if runs[-1].failed else ".", end="", flush=True)
        if runs[-1].failed:
            print(f"\n  {name}: {runs[-1].failed[:500]}")
    loads.append({"row": row.name, "round": number, "before": before, "after": os.getloadavg()[0]})
    return runs


def drive(row: Row, asked: argparse.Namespace, contestant: Contestant, job: dict[str, Any]) -> dict[str, Any]:
    """One run of the driver, in a process of its own; its figures, or why there are none."""
    whole = {
        **row.job,
        **job,
        **contestant.processes(),
        "work": row.work,
        "ports": contestant.ports,
        "document": job["documents"][0],
        "traces": traces_in(asked.traces),
        "long": str(contestant.need.long or ""),
        "patience": row.patience,
    }
    command = [*peers.NODE, str(HERE / "driver" / "main.mjs")]
    try:
        done = subprocess.run(
            command, input=json.dumps(whole), capture_output=True, text=True, check=False, timeout=row.patience + 30
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return {"failed": "the driver hangs"}
    except (IndexError, ValueError):
        return {"failed": f"the driver ended with {done.returncode}: {done.stderr[-1000:]}"}


def traces_in(folder: Path | None) -> list[str]:
    """What is typed: the whole traces of the folder, else the sample's posts as people would type them."""
    return [str((folder / name).resolve()) for name in TYPED] if folder else [str(made_up_trace())]


def made_up_trace() -> Path:
    """As a trace in the cache, the same at every run."""
    path = peers.CACHE / "made-up.json.gz"
    path.parent.mkdir(exist_ok=True)
    strokes = [{"patches": [patch]} for patch in made_up(MADE_UP_SEED).patches]
    path.write_bytes(gzip.compress(json.dumps({"startContent": "", "txns": strokes}).encode(), mtime=0))
    return path


def long_document(folder: Path) -> Path:
    """The trace typed twice, as framed updates; made once and kept in the cache."""
    path = peers.CACHE / "long.bin"
    if not path.exists():
        print("\nTyping the long document ...", flush=True)
        output_of([*peers.NODE, str(HERE / "driver" / "long.mjs"), str((folder / LONG).resolve()), f"{path}.part"])
        Path(f"{path}.part").rename(path)
    return path


def commit_of() -> str:
    """The commit, with a mark when the checkout differs from it."""
    git = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
