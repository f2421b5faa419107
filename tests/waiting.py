"""Waiting for a condition, never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 60.0


def eventually(ask: Callable[[], T], what: str, patience: float = PATIENCE_SECONDS) -> T:
    """Ask until the answer is true and return it; fail with what was waited for after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        if answer := ask():
            return answer
        assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}"
        threading.Event().wait(0.05)
