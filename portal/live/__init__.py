"""Named streams of HTML fragments over Socket.IO (`live.stream`, `live.publish`, `live.recheck`), and presence."""

from __future__ import annotations

from flask import Flask

from portal.config import Settings
from portal.live.streams import publish, recheck, stream

__all__ = ["init_app", "publish", "recheck", "stream"]


def init_app(app: Flask, settings: Settings) -> None:
    """Bind Socket.IO and register the two namespaces' shared gate."""
