"""The addresses of accounts, one module a way in or a resource."""

from __future__ import annotations

from portal.accounts.views import account, invitations, links, sessions, sign_in
from portal.accounts.views.blueprint import bp

__all__ = ["account", "bp", "invitations", "links", "sessions", "sign_in"]
