"""What happens in accounts that changes something here."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.accounts.signals import person_erased
from portal.members import actions


@person_erased.connect
def _forget(user: User, *, address: str, **_more: Any) -> None:
    """Roles and offices end, and what they once wrote from outside goes."""
    actions.forget_person(user, address=address)
