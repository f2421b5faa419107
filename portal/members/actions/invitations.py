"""Bringing people in by mail: officers, leaders, colleagues."""

from __future__ import annotations

from portal.accounts.actions import invite, void_invitation
from portal.accounts.models import Invitation, User
from portal.members.models import Organisation

__all__ = ["invite_officer", "invite_to_organisation", "resend_invitation", "void_invitation"]


def invite_officer(*, name: str, email: str, by: User | None) -> Invitation:
    """Invite an officer; `by` is None from the server's command line. The term begins when it is accepted."""
    return invite(kind="officer", name=name, email=email, by=by)


def invite_to_organisation(organisation: Organisation, *, role: str, name: str, email: str, by: User) -> Invitation:
    """Invite somebody into an organisation. An open invitation of the same kind to the address is void."""
    kind = "leader" if role == "leader" else "colleague"
    return invite(kind=kind, subject_id=organisation.id, role=role, name=name, email=email, by=by)


def resend_invitation(invitation: Invitation, organisation: Organisation, *, by: User) -> Invitation:
    """A new link with another fortnight; the old one is void."""
    return invite_to_organisation(
        organisation, role=invitation.role, name=invitation.name, email=invitation.email, by=by
    )
