"""The portal with what a benchmark needs to be otherwise; everything else is as in production.

BENCH_UNLIMITED: no limit on one tab's edits a second, which a flood is there to exceed.
BENCH_NO_WEBSOCKETS: upgrades are refused, as some networks do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from portal.collab.sockets import lines
from portal.live import server
from wsgi import app

__all__ = ["app"]

if "BENCH_UNLIMITED" in os.environ:
    lines.EDITS_A_SECOND = lines.EDITS_BURST = 1_000_000
    server.RATE = server.BURST = 1_000_000


def without_websockets(inner: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """WSGI middleware that answers every upgrade with 403."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "HTTP_UPGRADE" in environ:
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        return inner(environ, start_response)

    return serve


if "BENCH_NO_WEBSOCKETS" in os.environ:
    app.wsgi_app = without_websockets(app.wsgi_app)
