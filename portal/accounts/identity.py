"""Who is asking: from the cookie to the session's row and its person, in one statement, anew at every request.

The cookie carries "<session id>.<secret>" under the key that Flask-Login reads. A cookie that was copied is dead
as soon as the row is revoked or past its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, has_request_context
from flask import session as cookie
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.orm import joinedload

from portal.accounts import seen, tokens
from portal.accounts.models import IDLE_ON_OWN_DEVICE, AuthSession, User
from portal.clock import UTCDateTime, utcnow
from portal.extensions import db, login_manager
from portal.live.identity import Principal
from portal.web.filters import hue

COOKIE_KEY = "_user_id"
RENEWED_KEY = "day"


def init_app(app: Flask) -> None:
    """Give the application its user loader.

    Not by `LoginManager.init_app`: it would add the remember cookie, which cannot be revoked, and would load
    the person for every template, also for fragments and public pages that show nothing of them.
    """
    app.config["PERMANENT_SESSION_LIFETIME"] = IDLE_ON_OWN_DEVICE
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # it would set a cookie on files that everybody shares
    app.after_request(_renew_cookie)
    app.after_request(_keep_private)
    login_manager.session_protection = None  # "strong" signs out people whose proxy changes address
    login_manager.user_loader(load_user)
    app.login_manager = login_manager  # type: ignore[attr-defined]  # where Flask-Login looks for it
    app.context_processor(lambda: {"current_user": current_user})


def remember(session: AuthSession, secret: str) -> None:
    """Make the browser's cookie the key to `session`. Whatever the cookie held before is dropped."""
    cookie.clear()
    cookie[COOKIE_KEY] = f"{session.id}.{secret}"
    cookie[RENEWED_KEY] = utcnow().date().toordinal()
    cookie.permanent = session.own_device


def forget() -> None:
    """Take the key out of the browser's cookie."""
    cookie.clear()
    g.pop("_login_user", None)


def _renew_cookie(response: Response) -> Response:
    """Once a day of use, so that the sixty days of one's own device count from the last one."""
    today = utcnow().date().toordinal()
    if "session_in_use" in g and cookie.permanent and cookie.get(RENEWED_KEY) != today:
        cookie[RENEWED_KEY] = today
    return response


def _keep_private(response: Response) -> Response:
    """A page drawn for one person is never another's, nor shown again unasked. Its form may still be gone back to."""
    if "session_in_use" in g:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def load_user(key: str) -> User | None:
    """The person of a cookie, or None; the session's row is then `current_session()`."""
    session_id, _, secret = key.partition(".")
    if not session_id.isdecimal():
        return None
    session = _read(int(session_id))
    if session is None or not tokens.matches(secret, session.secret_hash):
        return None
    g.auth_session = session
    g.session_in_use = (session.id, session.seen_at)  # plain values: `seen` asks after the commit
    return session.user


def current_session() -> AuthSession:
    """The session of the current request. Raises RuntimeError when nobody is signed in."""
    if not current_user or not current_user.is_authenticated:
        raise RuntimeError("nobody is signed in")
    session: AuthSession = g.auth_session
    return session


def is_still_there() -> bool:
    """Ask again whether the session lives: after a hash, during which its transaction was closed."""
    g.pop("_login_user", None)
    return bool(current_user.is_authenticated)


def had_session() -> bool:
    """Whether the browser was signed in before, so that "your session ended" is true."""
    return COOKIE_KEY in cookie


def _read(session_id: int) -> AuthSession | None:
    """The live session with its person, their memberships, organisations and terms: one joined statement."""
    memberships = User.memberships.property.mapper.class_  # named by its relationship: members is a tier above
    query = (
        sa.select(AuthSession)
        .join(AuthSession.user)
        .where(AuthSession.id == session_id, *_is_live())
        .options(
            joinedload(AuthSession.user, innerjoin=True).options(
                joinedload(User.memberships).joinedload(memberships.organisation),
                joinedload(User.officer_terms),
            )
        )
        .execution_options(populate_existing=True)  # a socket's context may have read it before
    )
    return db.session.scalars(query).unique().one_or_none()


def _is_live() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions. They ask for the time when they are executed: a statement may be kept."""
    now = sa.bindparam(None, type_=UTCDateTime(), callable_=utcnow)
    return (AuthSession.revoked_at.is_(None), AuthSession.expires_at > now, User.suspended_at.is_(None))


def _organisation(user: User) -> str:
    return user.membership.organisation.name if user.membership else ""


LIVE_AMONG = (
    sa.select(AuthSession.id)
    .join(User, User.id == AuthSession.user_id)
    .where(AuthSession.id.in_(sa.bindparam("sessions", expanding=True)), *_is_live())
)
# In the order of their ids, as everything else locks sessions (`seen.write_noted`, a flush): no deadlock.
HELD_AMONG = LIVE_AMONG.order_by(AuthSession.id).with_for_update(read=True)


class DatabaseIdentity:
    """What `live` and `collab` ask, answered from the session table (see `live.identity.Identity`)."""

    def identify(self) -> Principal | None:
        key = cookie.get(COOKIE_KEY, "") if has_request_context() else ""
        user = load_user(key)
        if user is None:
            return None
        return Principal(
            user_id=user.id,
            session_id=g.auth_session.id,
            name=user.name,
            organisation=_organisation(user),
            hue=hue(user.id),
        )

    def load_user(self, principal: Principal) -> Any | None:
        session = _read(principal.session_id)
        if session is None or session.user_id != principal.user_id:
            return None
        return session.user

    def live_sessions(self, session_ids: Iterable[int]) -> set[int]:
        found = set(db.session.scalars(LIVE_AMONG, {"sessions": list(set(session_ids))}))
        seen.note_on_commit(found)  # whoever writes is there, also without loading a page
        return found

    def held_sessions(self, session_ids: Iterable[int]) -> set[int]:
        found = set(db.session.connection().scalars(HELD_AMONG, {"sessions": list(set(session_ids))}))
        seen.note_on_commit(found)
        return found

    def names(self, user_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        wanted = set(user_ids)
        memberships = User.memberships.property.mapper.class_  # as in `_read`
        query = sa.select(User).where(User.id.in_(wanted))
        query = query.options(joinedload(User.memberships).joinedload(memberships.organisation))
        former = (str(gettext("Former member")), "")
        known = {user.id: (user.name, _organisation(user)) for user in db.session.scalars(query).unique()}
        return dict.fromkeys(wanted, former) | known

    def person(self, user_id: int) -> Any | None:
        user = db.session.get(User, user_id)
        return user if user is not None and user.suspended_at is None else None
