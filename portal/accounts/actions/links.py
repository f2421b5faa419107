"""Sign-in links by mail: asked for, made by the worker, used once."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _

from portal import audit, jobs, mail
from portal.accounts import tokens
from portal.accounts.gone import LinkGoneError
from portal.accounts.models import SignInLink, User
from portal.clock import utcnow
from portal.extensions import db
from portal.web.filters import absolute_url

GOOD_FOR = timedelta(minutes=15)


def ask_for_link(*, email: str, next_path: str) -> None:
    """Queue a link for whoever has this address.

    Whether somebody has it is looked up by the worker: here a known and an unknown address cost the same.
    """
    jobs.enqueue("sign_in_link", f"sign_in_link:{tokens.fresh()}", {"email": email, "next": next_path})


def send_link(user: User, *, next_path: str) -> SignInLink:
    """Make a link of 15 minutes and mail it. Links that were sent before keep working until they run out."""
    token, now = tokens.fresh(), utcnow()
    link = SignInLink(user_id=user.id, token_hash=tokens.digest(token), created_at=now, expires_at=now + GOOD_FOR)
    db.session.add(link)
    db.session.flush()
    query = f"?{urlencode({'next': next_path})}" if next_path != "/" else ""
    mail.send(
        to=user.email,
        name=user.name,
        subject=_("Your link to sign in"),
        template="accounts/sign_in_link.txt",
        key=f"sign_in_link:{link.id}",
        link=absolute_url(f"/sign-in/link/{token}{query}"),
    )
    audit.record("sign_in_link_sent", by=None, about=user)
    return link


def use_link(link: SignInLink) -> User:
    """Use it up and return whose it is. Of two that come at once, one gets in. Raises LinkGoneError."""
    now = utcnow()
    used = db.session.execute(
        sa.update(SignInLink)
        .where(SignInLink.id == link.id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.id)
    ).scalar()
    if used is None:
        raise LinkGoneError
    return link.user
