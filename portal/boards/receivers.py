"""What the boards do when something happens elsewhere."""

from __future__ import annotations

from typing import Any

from portal import live
from portal.members.signals import membership_ended
from portal.transaction import on_commit


@membership_ended.connect
def _put_out(membership: Any, replaced_by: Any = None) -> None:
    """Who is no member any more stops hearing the members' threads at once; what is left to them is asked anew."""
    if replaced_by is None and not membership.user.is_member:
        on_commit(live.disconnect_user, membership.user_id)
