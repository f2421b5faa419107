"""Which addresses a stranger may open. Every other one, existing or not, sends a signed-out person to sign in.

Decorate the view, below its route:

    @bp.get("/about")
    @public
    def about(): ...

Static files, `/healthz` and `/readyz` are public without saying so; so are error pages, which are no addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

PLUMBING = frozenset({"asset", "favicon", "static", "healthz", "readyz"})


def public(view: View) -> View:
    """Let strangers call this view. It may still ask for `current_user`."""
    view.is_public = True  # type: ignore[attr-defined]  # functions carry attributes
    return view


def is_public_request() -> bool:
    """Whether the address of the current request is one that strangers may open. An unknown address is not."""
    return request.endpoint is not None and is_public_endpoint(request.endpoint)


def is_public_endpoint(endpoint: str) -> bool:
    """Whether strangers may open the addresses of this endpoint."""
    return endpoint in PLUMBING or getattr(current_app.view_functions.get(endpoint), "is_public", False)
