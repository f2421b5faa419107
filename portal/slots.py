"""Slots: how a lower domain shows what a higher one has, without importing it.

A slot is owned by the domain or the plumbing that draws it and filled in `register_domains`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """Named items in order. Filling a key again replaces the item, so that several apps can be made in one process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, tuple[int, T]] = {}

    def fill(self, key: str, item: T, *, order: int = 100) -> None:
        self._items[key] = (order, item)

    def get(self, key: str) -> T | None:
        entry = self._items.get(key)
        return entry[1] if entry else None

    def __iter__(self) -> Iterator[T]:
        return iter([item for _, item in sorted(self._items.values(), key=lambda entry: entry[0])])
