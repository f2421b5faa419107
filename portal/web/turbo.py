"""Turbo's answers: a stream for those who ask for one, so that every form works without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

STREAM = "text/vnd.turbo-stream.html"


def accepts_stream() -> bool:
    """Whether the page's script asked for a Turbo Stream."""
    return STREAM in request.headers.get("Accept", "")


def stream(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render `template` as a Turbo Stream answer."""
    return Response(render_template(template, **context), status=status, content_type=f"{STREAM}; charset=utf-8")
