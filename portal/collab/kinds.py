"""Kinds of documents. A domain registers who may do what with a document of its kind; this package knows no domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROLES = ("none", "read", "comment", "write")


@dataclass(frozen=True, slots=True)
class Kind:
    """`role(user, document_id)` for pages and `open`; `roles(user_ids, document_id)` in one statement for the writer.

    Both read the database in the current transaction and answer with one of ROLES. Who is missing has no right.
    A domain whose rights change calls `actions.rights_changed` in the transaction that changes them.
    """

    role: Callable[[Any, int], str]
    roles: Callable[[set[int], int], dict[int, str]]


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Name the rights of documents of kind `name`. Again replaces the first: several apps in one process."""
    _kinds[name] = kind


def find(name: str) -> Kind | None:
    """The kind, or None when no domain of this installation knows it: its documents are for nobody."""
    return _kinds.get(name)
