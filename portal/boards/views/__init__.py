"""The addresses of the boards, one module a resource."""

from __future__ import annotations

from portal.boards.views import boards, posts, threads
from portal.boards.views.blueprint import bp

__all__ = ["boards", "bp", "posts", "threads"]
