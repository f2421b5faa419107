"""Documents that could not be applied wait, so that others get their turn."""

from __future__ import annotations

import time
from collections.abc import Hashable

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0


class Setbacks:
    """What could not be done, each left alone for longer and longer, so that others get their turn."""

    def __init__(self) -> None:
        self._until: dict[Hashable, tuple[float, float]] = {}

    def blocks(self, key: Hashable) -> bool:
        return key in self._until and time.monotonic() < self._until[key][0]

    def note(self, key: Hashable) -> bool:
        """One more time. True when it is the first."""
        is_first = key not in self._until
        _, pause = self._until.get(key, (0.0, FIRST_PAUSE / 2))
        pause = min(pause * 2, LONGEST_PAUSE)
        self._until[key] = (time.monotonic() + pause, pause)
        return is_first

    def clear(self, key: Hashable) -> None:
        self._until.pop(key, None)
