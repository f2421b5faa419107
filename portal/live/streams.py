"""The gate of every stream, and what is sent to those who passed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Gate = Callable[[Any, int], None]
gates: dict[str, Gate] = {}


def stream(kind: str) -> Callable[[Gate], Gate]:
    """Register the gate of streams "kind:id": a function of (user, id) that raises NotFound or Forbidden."""

    def register(gate: Gate) -> Gate:
        gates[kind] = gate
        return gate

    return register


def publish(name: str, template: str, **context: Any) -> None:
    """Render a fragment once for everybody and send it to the stream's watchers. Call through `on_commit`."""


def recheck(name: str) -> None:
    """Put every watcher of the stream out and let them ask again. Call through `on_commit`."""
