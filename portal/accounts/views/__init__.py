"""The addresses of accounts, one module a way in or a resource."""

from __future__ import annotations

from portal.accounts.views import account, erasure, invitations, links, sessions, sign_in
from portal.accounts.views.blueprint import bp

__all__ = ["account", "bp", "erasure", "invitations", "links", "sessions", "sign_in"]
