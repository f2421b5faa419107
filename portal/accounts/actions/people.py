"""Accounts: making one, and what a person changes in theirs."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from portal import audit, mail
from portal.accounts import signals
from portal.accounts.actions.sessions import end_other_sessions
from portal.accounts.models import AuthSession, User
from portal.clock import utcnow
from portal.extensions import db
from portal.web.typed import one_line


class AddressTakenError(Exception):
    """Somebody has an account with this address. The edge rolls back."""


def create_person(
    *, name: str, email: str, password_hash: str | None = None, time_zone: str | None = None, is_sample: bool = False
) -> User:
    """A new account. `password_hash` comes from `passwords.hash_password`, made before the transaction began;
    without one the person comes in by a link. Raises AddressTakenError.
    """
    user = User(
        name=one_line(name),
        email=email.strip(),
        email_key=User.key_of(email),
        password_hash=password_hash,
        time_zone=time_zone,
        is_sample=is_sample,
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise AddressTakenError from error
    audit.record("account_created", by=user, about=user)
    return user


def rename(user: User, *, name: str) -> None:
    """Set the name that others see."""
    user.name = one_line(name)


def set_time_zone(user: User, *, time_zone: str) -> None:
    """Confirm the zone of a person's times: an IANA name that `zones.is_known`."""
    user.time_zone = time_zone


def change_password(user: User, *, password_hash: str, keep: AuthSession) -> None:
    """Set it, end the person's other sessions and tell them by mail, in case it was not them."""
    user.password_hash = password_hash
    end_other_sessions(user, keep=keep, by=user)
    audit.record("password_changed", by=user, about=user)
    signals.password_changed.send(user)
    mail.send(
        to=user.email,
        name=user.name,
        subject=_("Your password was changed"),
        template="accounts/password_changed.txt",
        key=f"password:{user.id}:{utcnow().isoformat()}",
        user=user,
    )


def renew_hash(user: User, *, password_hash: str) -> None:
    """Store the same password at today's costs."""
    user.password_hash = password_hash
