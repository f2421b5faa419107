"""Erasing a person: the row stays for what refers to it, and nothing is left that says who it was."""

from __future__ import annotations

import sqlalchemy as sa

from portal import audit, jobs, mail
from portal.accounts import erasure_log, signals
from portal.accounts.actions.sessions import end_other_sessions
from portal.accounts.erasure_log import Entry
from portal.accounts.models import AuthSession, Erasure, Invitation, SignInLink, User
from portal.clock import utcnow
from portal.collab.actions import forget_person, hold_documents_of
from portal.extensions import db
from portal.transaction import on_commit

FORMER = "Former member"


def erase(user: User, *, by: User | None) -> None:
    """Take name and address off everything, in one transaction; doing it twice is harmless. Cannot be undone.

    Posts and shared texts stay, under "Former member". Sessions end, places and offices with them (each domain
    hears `person_erased`). `by` is the person themselves, or None for who is at the server.
    """
    if user.erased_at is not None:
        return
    name, address = user.name, user.email
    hold_documents_of(user.id)
    end_other_sessions(user, keep=None, by=user)
    _blank(user)
    _forget_ways_in(user, address)
    mail.withdraw(address)
    jobs.drop("sign_in_link", "email", address)
    forget_person(user.id)
    audit.record("person_erased", by=by, about=user)
    signals.person_erased.send(user, address=address, name=name, by=by)
    entry = Entry(user.id, user.created_at, utcnow())
    db.session.add(Erasure(user_id=entry.user_id, joined_at=entry.joined_at, at=entry.at))
    db.session.flush()
    on_commit(erasure_log.note, entry)


def _blank(user: User) -> None:
    now = utcnow()
    user.name = FORMER
    # A reserved name (RFC 2606) that no mail reaches and nobody can sign in with.
    user.email = user.email_key = f"erased-{user.id}@erased.invalid"
    user.password_hash = user.time_zone = None
    user.suspended_at = user.suspended_at or now
    user.erased_at = now
    db.session.flush()


def _forget_ways_in(user: User, address: str) -> None:
    """Links to sign in, invitations to them, and what their browsers were called."""
    db.session.execute(sa.delete(SignInLink).where(SignInLink.user_id == user.id))
    quiet = {"synchronize_session": False}
    sessions = sa.update(AuthSession).where(AuthSession.user_id == user.id).values(agent="")
    db.session.execute(sessions, execution_options=quiet)
    to_them = sa.or_(Invitation.accepted_by_id == user.id, sa.func.lower(Invitation.email) == address.lower())
    voided = sa.func.coalesce(Invitation.voided_at, utcnow())
    blanked = sa.update(Invitation).where(to_them).values(name="", email=user.email, voided_at=voided)
    db.session.execute(blanked, execution_options=quiet)
