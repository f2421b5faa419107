"""Inviting, accepting, taking back."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from portal import audit, mail
from portal.accounts import invitations, signals, tokens
from portal.accounts.actions.people import create_person
from portal.accounts.gone import InvitationGoneError
from portal.accounts.models import Invitation, User
from portal.clock import utcnow
from portal.extensions import db
from portal.web.typed import one_line

GOOD_FOR = timedelta(days=14)


def invite(
    *, kind: str, subject_id: int | None = None, role: str = "", email: str, name: str = "", by: User | None
) -> Invitation:
    """Invite one person by mail. An open invitation of the same address to the same thing is void from now on.

    `by` is None when the portal itself invites (the first officer). `invitations.link(...)` of what is returned
    is the only time that the link is known outside the mail. Raises LookupError for an unknown kind.
    """
    void_invitations(kind=kind, subject_id=subject_id, email=email, by=by)
    token, now = tokens.fresh(), utcnow()
    invitation = Invitation(
        kind=kind,
        subject_id=subject_id,
        role=role,
        name=one_line(name),
        email=email.strip(),
        token_hash=tokens.digest(token),
        invited_by_id=by.id if by else None,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    invitation.fresh_token = token
    db.session.add(invitation)
    db.session.flush()
    _send(invitation)
    audit.record("invitation_sent", by=by, about=invitation, kind=kind, subject_id=subject_id, role=role)
    return invitation


def _send(invitation: Invitation) -> None:
    what = one_line(invitations.kind_of(invitation).describe(invitation))
    who = invitation.invited_by.name if invitation.invited_by else _("The Global Empathy in Healthcare Network")
    mail.send(
        to=invitation.email,
        name=invitation.name,
        subject=_("%(who)s invites you to %(what)s", who=who, what=what),
        template="accounts/invitation.txt",
        key=f"invitation:{invitation.id}",
        invitation=invitation,
        who=who,
        what=what,
        link=invitations.link(invitation),
    )


def accept_invitation(invitation: Invitation, *, user: User) -> str:
    """Let a person who has an account in. Returns the path to land on. Raises InvitationGoneError."""
    _claim(invitation)
    return _let_in(invitation, user)


def accept_as_new_person(invitation: Invitation, *, name: str, password_hash: str) -> tuple[User, str]:
    """Make the account of the address that the link was sent to, and let it in. Returns the path to land on.

    Raises InvitationGoneError, AddressTakenError.
    """
    _claim(invitation)  # first: of two tabs, the second must find it used and not an address that is taken
    user = create_person(name=name, email=invitation.email, password_hash=password_hash)
    return user, _let_in(invitation, user)


def _claim(invitation: Invitation) -> None:
    """Use it up by one conditional UPDATE: of two that come at once, one waits and then finds nothing."""
    now = utcnow()
    claimed = db.session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.accepted_at.is_(None), Invitation.voided_at.is_(None))
        .where(Invitation.expires_at > now)
        .values(accepted_at=now)
        .returning(Invitation.id)
    ).scalar()
    if claimed is None:
        raise InvitationGoneError


def _let_in(invitation: Invitation, user: User) -> str:
    invitation.accepted_by_id = user.id
    db.session.flush()
    landing = invitations.kind_of(invitation).accept(invitation, user)
    audit.record("invitation_accepted", by=user, about=invitation, kind=invitation.kind)
    signals.invitation_accepted.send(invitation)
    return landing


def void_invitation(invitation: Invitation, *, by: User | None) -> None:
    """Take one back. One that was used or taken back already stays as it is."""
    if invitation.accepted_at is None and invitation.voided_at is None:
        invitation.voided_at = utcnow()
        audit.record("invitation_voided", by=by, about=invitation, kind=invitation.kind)


def void_invitations(
    *, kind: str, subject_id: int | None, by: User | None, email: str = "", invited_by: User | None = None
) -> int:
    """Take back the open ones to one thing: all, those to one address, or those of one inviter. Returns how many."""
    query = sa.select(Invitation).where(
        Invitation.kind == kind,
        Invitation.subject_id.is_(None) if subject_id is None else Invitation.subject_id == subject_id,
        Invitation.accepted_at.is_(None),
        Invitation.voided_at.is_(None),
    )
    if invited_by is not None:
        query = query.where(Invitation.invited_by_id == invited_by.id)
    key = User.key_of(email)
    found = [one for one in db.session.scalars(query) if not key or User.key_of(one.email) == key]
    for invitation in found:
        void_invitation(invitation, by=by)
    return len(found)
