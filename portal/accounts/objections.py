"""Why somebody may not erase their own account yet: each domain that would be left without a head says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.accounts.models import User
from portal.slots import Slot

objections: Slot[Callable[[User], list[Any]]] = Slot("objections to erasure")
"""Each answers with sentences (lazy strings) for the person; an empty list for none."""


def objections_of(user: User) -> list[Any]:
    """All sentences, in the order of the domains."""
    return [sentence for ask in objections for sentence in ask(user)]
