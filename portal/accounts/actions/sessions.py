"""Starting, confirming and ending sessions."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from portal import audit, live
from portal.accounts import signals, tokens
from portal.accounts.models import AuthSession, SignInLink, User, expiry
from portal.clock import utcnow
from portal.extensions import db
from portal.transaction import on_commit

AGENT_LENGTH = 200
KEPT_AFTER_END = timedelta(days=90)
LINKS_KEPT = timedelta(days=1)  # so long a link that ran out says so to whoever opens it


def start_session(user: User, *, own_device: bool = False, agent: str = "") -> tuple[AuthSession, str]:
    """A new session of `user` and the secret that its cookie must carry; only the secret's hash is kept.

    The person has just shown who they are, so the session counts as confirmed for ten minutes.
    """
    now, secret = utcnow(), tokens.fresh()
    session = AuthSession(
        user_id=user.id,
        secret_hash=tokens.digest(secret),
        created_at=now,
        seen_at=now,
        expires_at=expiry(own_device, now),
        own_device=own_device,
        verified_at=now,
        agent=agent[:AGENT_LENGTH],
    )
    db.session.add(session)
    db.session.flush()
    audit.record("signed_in", by=user, about=session)
    signals.signed_in.send(session)
    return session, secret


def confirm_session(session: AuthSession) -> None:
    """Note that the person has just shown again who they are."""
    session.verified_at = utcnow()


def end_session(session: AuthSession, *, by: User, verb: str = "signed_out") -> None:
    """End a session; its sockets close within a second of the commit. Ending it twice is harmless."""
    if session.revoked_at is not None:
        return
    session.revoked_at = utcnow()
    audit.record(verb, by=by, about=session)
    signals.session_ended.send(session)
    on_commit(live.disconnect_session, session.id)


def end_other_sessions(user: User, *, keep: AuthSession | None, by: User) -> int:
    """End every live session of `user` but `keep`. Returns how many there were."""
    others = sa.select(AuthSession).where(AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))
    if keep is not None:
        others = others.where(AuthSession.id != keep.id)
    ended = db.session.scalars(others.order_by(AuthSession.id)).all()  # as writers hold them
    for session in ended:
        end_session(session, by=by, verb="session_revoked")
    return len(ended)


def forget_ended() -> None:
    """Delete sessions that ended ninety days ago, and links to sign in that ran out a day ago."""
    now, quiet = utcnow(), {"synchronize_session": False}
    ended_at = sa.func.coalesce(AuthSession.revoked_at, AuthSession.expires_at)
    old = sa.delete(AuthSession).where(ended_at < now - KEPT_AFTER_END)
    db.session.execute(old, execution_options=quiet)
    run_out = sa.delete(SignInLink).where(SignInLink.expires_at < now - LINKS_KEPT)
    db.session.execute(run_out, execution_options=quiet)
