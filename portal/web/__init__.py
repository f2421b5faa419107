"""HTTP plumbing: assets, security headers, errors, Turbo, pages in parts, filters, slots."""

from __future__ import annotations

from flask import Flask

from portal.config import Settings
from portal.extensions import babel, csrf, limiter
from portal.web import assets, errors, filters, health, incoming, layout, security, times


def init_app(app: Flask, settings: Settings) -> None:
    """Install the plumbing, outermost first."""
    app.config.update(
        RATELIMIT_STORAGE_URI=limits_storage(settings.redis_url),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_HEADERS_ENABLED=True,
        TRUSTED_HOSTS=None,
    )
    incoming.init_app(app)
    babel.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    assets.init_app(app)
    security.init_app(app, settings)
    filters.init_app(app)
    times.init_app(app)
    layout.init_app(app)
    errors.init_app(app)
    health.init_app(app)


def limits_storage(redis_url: str) -> str:
    """The messenger's address in the words of the limits package."""
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
