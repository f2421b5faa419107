"""Kinds of documents. A domain registers who may do what with a document of its kind; this package knows no domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ROLES = ("none", "read", "comment", "write")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands on the portal: what it is called, its page, and (label, url) of the pages above it."""

    title: str
    url: str
    crumbs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`role(user, document_id)` for pages and `open`; `roles(user_ids, document_id)` in one statement for the writer.

    Both read the database in the current transaction and answer with one of ROLES. Who is missing has no right.
    A domain whose rights change calls `actions.rights_changed` in the transaction that changes them.
    `place(document_id)` is asked for pages about a document; `may_manage(user, document_id)` says who, of those
    who write in it, may also freeze it, take up its text again and bring back a version.
    `lost_write_at(user_id, document_id)` is when somebody last lost the right to write, also if they have it again;
    None if they never did.
    """

    role: Callable[[Any, int], str]
    roles: Callable[[set[int], int], dict[int, str]]
    place: Callable[[int], Place]
    may_manage: Callable[[Any, int], bool]
    lost_write_at: Callable[[int, int], datetime | None]


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Name the rights of documents of kind `name`. Again replaces the first: several apps in one process."""
    _kinds[name] = kind


def find(name: str) -> Kind | None:
    """The kind, or None when no domain of this installation knows it: its documents are for nobody."""
    return _kinds.get(name)
