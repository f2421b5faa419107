"""The sign-in wall: every address that does not say that it is public, existing or not, asks who is there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, redirect, request
from flask_login import current_user

from portal.accounts import destinations, identity
from portal.extensions import login_manager
from portal.web import errors
from portal.web.public import is_public_request


def init_app(app: Flask) -> None:
    """Put the wall before every view; what is registered earlier (host names, CSRF, limits) comes first."""
    app.before_request(_ask_who_is_there)
    login_manager.unauthorized_handler(turn_away)


def _ask_who_is_there() -> Any:
    if is_public_request() or current_user.is_authenticated:
        return None
    return turn_away()


def turn_away() -> Any:
    """Send a signed-out person to sign in and back; tell a program that it must."""
    if errors.wants_json() or (identity.had_session() and errors.kept_texts()):
        return errors.page(401)  # a session ended under a form: what was typed in it is shown, not lost
    return redirect(f"/sign-in?{urlencode({'next': _way_back()})}", 303)


def _way_back() -> str:
    """The page that was asked for; for a form, the page that it stands on."""
    if request.method in ("GET", "HEAD"):
        return destinations.asked_for()
    referrer = urlsplit(request.referrer or "")
    return destinations.safe_path(referrer.path) if referrer.netloc == request.host else destinations.HOME
