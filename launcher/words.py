"""What the person at the terminal reads: one line a step, one sentence for a refusal."""

from __future__ import annotations

import sys
from typing import NoReturn


class Refusal(Exception):  # noqa: N818  # it is an answer, not a fault
    """The portal cannot start; the message is one clear sentence."""


def step(text: str) -> None:
    """A progress line."""
    print(f"  {text}", flush=True)


def refuse(refusal: Refusal) -> NoReturn:
    """Print the sentence and end with exit code 1."""
    print(f"The portal did not start. {refusal}", file=sys.stderr, flush=True)
    raise SystemExit(1)
