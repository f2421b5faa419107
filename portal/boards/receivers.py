"""What happens in accounts that changes something here."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.accounts.signals import person_erased
from portal.boards import actions


@person_erased.connect
def _forget(user: User, **_more: Any) -> None:
    """Posts stay, under the name that the account has now; what the person read is nobody's business any more."""
    actions.forget_reader(user)
