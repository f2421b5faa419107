"""Who may see and use sessions, links and invitations."""

from __future__ import annotations

import sqlalchemy as sa

from portal.access import found
from portal.accounts import invitations, tokens
from portal.accounts.gone import InvitationGoneError, LinkGoneError
from portal.accounts.models import AuthSession, Invitation, SignInLink, User
from portal.clock import utcnow
from portal.extensions import db


def visible_sessions(user: User) -> sa.Select[AuthSession]:
    """Everybody sees their own, and only those."""
    return sa.select(AuthSession).where(AuthSession.user_id == user.id)


def access_session(user: User, session_id: int) -> AuthSession:
    session: AuthSession | None = db.session.scalar(visible_sessions(user).where(AuthSession.id == session_id))
    return found(session)


def access_link(token: str) -> SignInLink:
    """The sign-in link of this token, for whoever holds it. Raises LinkGoneError."""
    query = sa.select(SignInLink).where(SignInLink.token_hash == tokens.digest(token))
    link: SignInLink | None = db.session.scalar(query)
    if link is None or link.used_at is not None or utcnow() >= link.expires_at or link.user.is_suspended:
        raise LinkGoneError
    return link


def access_invitation(token: str) -> Invitation:
    """The invitation of this token, for whoever holds it. Raises InvitationGoneError.

    Also when the inviter may not invite any more.
    """
    query = sa.select(Invitation).where(Invitation.token_hash == tokens.digest(token))
    invitation: Invitation | None = db.session.scalar(query)
    if invitation is None or not invitation.is_open(utcnow()) or not is_valid(invitation):
        raise InvitationGoneError
    return invitation


def is_valid(invitation: Invitation) -> bool:
    """Whether its inviter may still invite to what it is about."""
    kind = invitations.kinds.get(invitation.kind)
    inviter = invitation.invited_by
    return kind is not None and not (inviter and inviter.is_suspended) and kind.is_valid(invitation)
