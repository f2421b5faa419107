"""Who is at the other end of a socket. `live` and `collab` know no accounts: `accounts` registers how to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person on one browser, as read at connect. Rights are never read from here."""

    user_id: int
    session_id: int
    name: str
    organisation: str
    hue: int


class Identity(Protocol):
    """What `accounts` answers; every call reads the database in the current transaction."""

    def identify(self) -> Principal | None:
        """The person of the current request's cookie, or None: no live session, suspended, wrong secret."""

    def load_user(self, principal: Principal) -> Any | None:
        """The person, read again, or None when the session ended or the person may not act."""

    def live_sessions(self, session_ids: Iterable[int]) -> set[int]:
        """Which of these sessions still live (not revoked, not expired, person not suspended)."""

    def held_sessions(self, session_ids: Iterable[int]) -> set[int]:
        """The same, held so until the transaction ends: whoever ends one of them, or suspends its person, waits."""

    def names(self, user_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Name and organisation ("" for none) of each of these people; an erased one is "Former member"."""

    def person(self, user_id: int) -> Any | None:
        """Whom to write to by mail (`email`, `name`, `time_zone`), or None: suspended, or no such person any more."""


class _Registered:
    identity: Identity | None = None


def register(identity: Identity) -> None:
    """Called once by `accounts.init_app`."""
    _Registered.identity = identity


def identity() -> Identity:
    """The registered identity. Raises RuntimeError when no domain registered one."""
    if _Registered.identity is None:
        raise RuntimeError("no identity is registered")
    return _Registered.identity
