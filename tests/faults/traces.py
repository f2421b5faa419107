"""What the tabs type: excerpts of real editing traces where a folder of them is given, else a text typed as people do.

A trace is gzipped JSON as in github.com/josephg/editing-traces: {startContent, txns: [{patches: [[position, deleted,
inserted], ...]}]}, positions in Unicode code points.
"""

from __future__ import annotations

import gzip
import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.environment import ROOT

STROKES = 3_000  # more than any run needs
LEAD_IN = 700  # strokes between one tab's place in a trace and the next one's
MISTAKES, MOVES, PASTES = 0.04, 0.02, 0.004  # shares of strokes

Patch = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text, and strokes that follow on it. All characters are in the Basic Multilingual Plane, on one line."""

    start: str
    patches: list[Patch]


def excerpts(folder: Path | None, number: int) -> list[Excerpt]:
    """One for each of `number` tabs, from the traces in `folder`; made up when there is no folder."""
    if folder is None:
        return [made_up(seed) for seed in range(number)]
    paths = sorted(folder.glob("*flat.json.gz")) + sorted(folder.glob("seph*.json.gz"))
    assert paths, f"no traces in one order in {folder}"
    return [excerpt(paths[tab % len(paths)], LEAD_IN * (tab + 1)) for tab in range(number)]


def excerpt(path: Path, skipped: int) -> Excerpt:
    """The strokes behind the first `skipped` ones."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        trace = json.load(file)
    patches = [plain(patch) for transaction in trace["txns"] for patch in transaction["patches"]]
    text = trace["startContent"]
    for at, deleted, inserted in patches[:skipped]:
        text = text[:at] + inserted + text[at + deleted :]
    return Excerpt("".join(map(plain_character, text)), patches[skipped : skipped + STROKES])


def plain(patch: list[object]) -> Patch:
    at, deleted, inserted = patch
    return int(str(at)), int(str(deleted)), "".join(map(plain_character, str(inserted)))


def plain_character(character: str) -> str:
    """One UTF-16 unit that the reader shows as it is, so that positions are the same everywhere."""
    return character if character.isprintable() and character <= "\uffff" else " "


def made_up(seed: int) -> Excerpt:
    """The sample's posts, typed with slips that are taken back, returns to earlier places, and pastes."""
    return Excerpt("", list(strokes(random.Random(seed))))


def strokes(chance: random.Random) -> Iterator[Patch]:
    source = sample_text()
    at = chance.randrange(len(source))
    caret = length = 0
    for _ in range(STROKES):
        draw = chance.random()
        if draw < MISTAKES and caret:
            gone = min(caret, chance.randint(1, 4))
            caret, length = caret - gone, length - gone
            yield caret, gone, ""
            continue
        if draw < MISTAKES + MOVES:
            caret = chance.choice([chance.randint(0, length), length])
        size = chance.randint(20, 200) if draw > 1 - PASTES else 1
        typed = (source + source)[at : at + size]
        at = (at + size) % len(source)
        yield caret, 0, typed
        caret, length = caret + size, length + size


def sample_text() -> str:
    """Every string of the sample's boards: English with names and words of other scripts."""

    def strings(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from strings(each)

    texts = tomllib.loads((ROOT / "portal/sample/texts/boards.toml").read_text(encoding="utf-8"))
    return "".join(map(plain_character, " ".join(strings(texts))))
