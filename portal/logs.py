"""Structured logs: request id and person id, never contents, never tokens."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from portal.config import Settings

log = structlog.get_logger(__name__)

SECRET_TAIL = re.compile(r"^(/(?:feeds|invitations|join/confirm|sign-in/link)/).+")


def init_app(app: Flask, settings: Settings) -> None:
    """Configure structlog and log one line a request, without query string and without secret path tails."""
    configure(json=settings.is_production)

    @app.before_request
    def _begin() -> None:
        g.started_at = time.perf_counter()
        g.request_id = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if not request.path.startswith(("/assets/", "/healthz", "/readyz")):
            log.info(
                "request",
                method=request.method,
                path=loggable_path(request.path),
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("started_at", time.perf_counter())) * 1000, 1),
            )
        return response


def loggable_path(path: str) -> str:
    """The path with what works as a password cut off: "/invitations/abc" -> "/invitations/-"."""
    return SECRET_TAIL.sub(r"\1-", path)


def configure(*, json: bool) -> None:
    """Send structlog and the standard library's loggers to stderr, as JSON in production."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
