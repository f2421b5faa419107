"""What an invitation can be to. Higher domains fill `kinds`; this one sends the link and lets one person in by it.

invitations.kinds.fill("colleague", InvitationKind(describe=..., accept=..., is_valid=...))
invitation = accounts.actions.invite(kind="colleague", subject_id=organisation.id, email=..., by=current_user)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.accounts.models import Invitation, User
from portal.slots import Slot
from portal.web.filters import absolute_url


@dataclass(frozen=True, slots=True)
class InvitationKind:
    """`describe(invitation)` goes on after "invites you to": "join the University of Leicester as a colleague".

    `accept(invitation, user)` does it, in the transaction that uses the invitation up, and returns the path to
    land on. It may be called for somebody who is in already. `is_valid(invitation)`: the inviter still has the
    right and what it is about is still there; asked at every look and again when it is accepted.
    """

    describe: Callable[[Invitation], str]
    accept: Callable[[Invitation, User], str]
    is_valid: Callable[[Invitation], bool]


kinds: Slot[InvitationKind] = Slot("invitation kinds")


def kind_of(invitation: Invitation) -> InvitationKind:
    """Raises LookupError for a kind that no domain filled."""
    kind = kinds.get(invitation.kind)
    if kind is None:
        raise LookupError(f"no domain knows invitations to '{invitation.kind}'")
    return kind


def link(invitation: Invitation) -> str:
    """The address that accepts it, for whoever made it just now: only the token's hash is kept.

    Raises ValueError for an invitation that was read from the database.
    """
    if not invitation.fresh_token:
        raise ValueError("the link of an invitation is known only where it was made")
    return absolute_url(path(invitation.fresh_token))


def path(token: str) -> str:
    return f"/invitations/{token}"
