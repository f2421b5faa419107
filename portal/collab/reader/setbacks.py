"""Documents that could not be applied wait, so that others get their turn."""

from __future__ import annotations

import time

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0


class Setbacks:
    """Documents that could not be applied, each left alone for longer and longer, so that others get their turn."""

    def __init__(self) -> None:
        self._until: dict[int, tuple[float, float]] = {}

    def blocks(self, document_id: int) -> bool:
        return document_id in self._until and time.monotonic() < self._until[document_id][0]

    def note(self, document_id: int) -> bool:
        """One more time. True when it is the first."""
        is_first = document_id not in self._until
        _, pause = self._until.get(document_id, (0.0, FIRST_PAUSE / 2))
        pause = min(pause * 2, LONGEST_PAUSE)
        self._until[document_id] = (time.monotonic() + pause, pause)
        return is_first

    def clear(self, document_id: int) -> None:
        self._until.pop(document_id, None)
