"""From runs to medians, ratios and a table in Markdown."""

from __future__ import annotations

import statistics
from typing import Any

from bench.live.rows import BY_NAME, Row, Run

COSTS = ("server_us", "all_us", "kb_a_document")


def summary(rows: list[Row], runs: list[Run]) -> dict[str, Any]:
    """Per row and contestant the median of each figure, and of its ratio to the base's in the same round."""
    return {
        "rows": [_row(row, [run for run in runs if run.row == row.name]) for row in rows],
        "runs": [
            {"row": run.row, "round": run.round, "contestant": run.contestant, "figures": run.figures} for run in runs
        ],
    }


def _row(row: Row, runs: list[Run]) -> dict[str, Any]:
    contestants = [name for name in row.contestants if any(run.contestant == name for run in runs)]
    found = [_contestant(row, name, runs) for name in contestants]
    return {"row": row.name, "title": row.title, "base": row.base, "contestants": found}


def _contestant(row: Row, name: str, runs: list[Run]) -> dict[str, Any]:
    own = [run for run in runs if run.contestant == name]
    good = [run for run in own if not run.failed]
    base = {run.round: run for run in runs if run.contestant == row.base and not run.failed}
    names = [key for key, value in good[0].figures.items() if isinstance(value, (int, float))] if good else []
    return {
        "contestant": name,
        "runs": len(own),
        "failed": [run.failed for run in own if run.failed],
        "figures": {key: statistics.median(run.figures[key] for run in good) for key in names},
        "ratios": {
            key: statistics.median(pairs)
            for key in names
            if (pairs := [ratio for run in good if (ratio := _ratio(run, base.get(run.round), key)) is not None])
        },
    }


def _ratio(run: Run, base: Run | None, key: str) -> float | None:
    if base is None or not base.figures.get(key):
        return None
    return float(run.figures[key] / base.figures[key])


def table(result: dict[str, Any]) -> str:
    """One table a kind of row, ready for docs/performance.md."""
    by_work: dict[str, list[dict[str, Any]]] = {}
    for row in result["rows"]:
        by_work.setdefault(BY_NAME[row["row"]].work, []).append(row)
    return "\n\n".join("\n".join([*HEADS[work], *map(LINES[work], _pairs(rows))]) for work, rows in by_work.items())


def _pairs(rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(row, contestant) for row in rows for contestant in row["contestants"]]


Pair = tuple[dict[str, Any], dict[str, Any]]


def _line(pair: Pair, *cells: str) -> str:
    row, contestant = pair
    title = row["title"] if contestant is row["contestants"][0] else ""
    failed = f"{len(contestant['failed'])} of {contestant['runs']} failed" if contestant["failed"] else ""
    if not contestant["figures"]:
        cells = ("",) * len(cells)
    return f"| {' | '.join((title, contestant['contestant'], *cells, _verdict(row, contestant), failed))} |"


def _verdict(row: dict[str, Any], contestant: dict[str, Any]) -> str:
    """The ratio of the figure that the bar speaks of, with its goal and limit where it is the one that is judged."""
    plan = BY_NAME[row["row"]]
    ratio = contestant["ratios"].get(plan.figure)
    if plan.most is not None:
        return f"at most {plan.most:.0f} ms"
    if ratio is None:
        return ""
    bounds = [f"{value:g}" for value in (plan.goal, plan.limit) if value is not None]
    is_judged = contestant["contestant"] == plan.judged
    return f"{ratio:.2f}" + (f" (bar {', limit '.join(bounds)})" if is_judged and bounds else "")


def _cost(contestant: dict[str, Any], key: str) -> str:
    ratio = contestant["ratios"].get(key)
    return f"{contestant['figures'].get(key, 0):.0f}" + (f" ({ratio:.2f})" if ratio is not None else "")


def _typing(pair: Pair) -> str:
    figures = pair[1]["figures"]
    times = (f"{figures.get(key, 0):.1f}" for key in ("p50", "p95", "p99", "longest"))
    return _line(pair, *times, _cost(pair[1], "server_us"), _cost(pair[1], "all_us"))


def _flood(pair: Pair) -> str:
    figures = pair[1]["figures"]
    busy = f"{figures.get('driver_busy', 0):.0%}"
    speed = f"{figures.get('updates_a_second', 0):.0f}"
    p95 = f"{figures.get('p95', 0):.0f}"
    return _line(pair, speed, p95, _cost(pair[1], "server_us"), _cost(pair[1], "all_us"), busy)


def _cold(pair: Pair) -> str:
    figures = pair[1]["figures"]
    ms = (f"{figures.get(key, 0) / 1000:.0f}" for key in ("server_us", "all_us"))
    return _line(pair, f"{figures.get('p50', 0):.0f}", f"{figures.get('longest', 0):.0f}", *ms)


def _documents(pair: Pair) -> str:
    figures = pair[1]["figures"]
    counts = (f"{figures.get(key, 0):.0f}" for key in ("documents", "people"))
    memory = (f"{figures.get(key, 0):.0f}" for key in ("kb_a_document", "all_kb_a_document"))
    return _line(pair, *counts, *memory, f"{figures.get('server_ms', 0):.1f}")


def _head(*names: str) -> list[str]:
    names = ("", "who", *names, "ratio", "")
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]


US = "us a delivery, server"
HEADS = {
    "typing": _head("p50 ms", "p95", "p99", "longest", US, "with all processes"),
    "flood": _head("updates a second", "p95 ms", "us an update, server", "with all processes", "driver busy"),
    "cold": _head("ms", "longest", "ms of processor, server", "with all processes"),
    "documents": _head("converged", "people", "kB a document, server", "with all processes", "ms of processor each"),
}
LINES = {"typing": _typing, "flood": _flood, "cold": _cold, "documents": _documents}
