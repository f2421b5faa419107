"""Asking again: what could take an account over needs a person who showed within ten minutes who they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import redirect, request, url_for

from portal.accounts import destinations, identity

View = TypeVar("View", bound=Callable[..., Any])


def confirmed_lately(view: View) -> View:
    """Send whoever has not confirmed within ten minutes to `/account/confirm`, and back to this address."""

    @wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        if identity.current_session().is_stepped_up:
            return view(*args, **kwargs)
        way_back = destinations.asked_for() if request.method == "GET" else request.path
        return redirect(url_for("accounts.confirm", next=way_back), 303)

    return cast(View, asking)
