"""The door: what signing in does to the browser that is at it, by whichever way the person came."""

from __future__ import annotations

from flask import g, request
from flask_login import current_user

from portal.accounts import actions, identity
from portal.accounts.models import User


def enter(user: User, *, own_device: bool) -> None:
    """Sign `user` in here. A session that this browser had before ends, with its sockets; the edge commits."""
    if current_user.is_authenticated:
        actions.end_session(identity.current_session(), by=identity.current_session().user)
    session, secret = actions.start_session(user, own_device=own_device, agent=request.user_agent.string)
    identity.remember(session, secret)
    g.pop("_login_user", None)
