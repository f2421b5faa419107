"""Security headers and host names: fixed strings, set in one place."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from portal.config import Settings

# Turbo writes one <style> for its progress bar; the hash is checked in a browser test.
TURBO_PROGRESS_STYLE = "'sha256-WAyOw4V+FqDc35lQPyRADLBWbuNK8ahvYEaQIYF1+Ps='"

PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse foreign host names and set the headers of every answer."""
    fixed = headers_of_every_answer(settings)
    fixed["Content-Security-Policy"] = content_security_policy(app.extensions["assets"].import_map_hash, settings)

    @app.before_request
    def _check_host() -> None:
        # A proxy asks /healthz by the process's own address.
        if request.host not in settings.allowed_hosts and request.path != "/healthz":
            abort(400)

    @app.after_request
    def _set_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        return response


def headers_of_every_answer(settings: Settings) -> dict[str, str]:
    """What also an answer has that is no page and does not come from Flask. A page has a policy of its own instead."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
    }
    if settings.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def content_security_policy(import_map_hash: str, settings: Settings) -> str:
    """No nonce, so that pages can be cached; two hashes instead. Measured in Chromium: anything else is refused."""
    sockets = " ".join(origin.replace("http", "ws", 1) for origin in settings.allowed_origins)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {import_map_hash}",
            f"style-src 'self' {TURBO_PROGRESS_STYLE}",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {sockets}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
