"""How many messages and bytes a socket may send: counted before any other work."""

from __future__ import annotations

import time


class Bucket:
    """A token bucket: `rate` a second on average, `burst` at once."""

    __slots__ = ("burst", "checked_at", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens = burst
        self.checked_at = time.monotonic()

    def take(self, count: float = 1) -> bool:
        """Whether `count` more are allowed now."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.checked_at) * self.rate)
        self.checked_at = now
        if self.tokens < count:
            return False
        self.tokens -= count
        return True
