"""The two answers of every policy: found or 404, allowed or 403."""

from __future__ import annotations

from typing import TypeVar

from werkzeug.exceptions import Forbidden, NotFound

T = TypeVar("T")


def found(thing: T | None) -> T:
    """The thing, or NotFound: what this person may not know of does not exist for them."""
    if thing is None:
        raise NotFound
    return thing


def allow(answer: bool) -> None:
    """Pass, or Forbidden: they may see it but not do this to it."""
    if not answer:
        raise Forbidden
