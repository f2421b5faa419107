"""An invented network to look at: organisations, people, boards, an application. Development on loopback only.

It stands above every domain and uses their actions; everything that it makes is marked and can be removed again.
"""

from __future__ import annotations

from flask import Flask

from portal.sample import bar, cli
from portal.sample.loading import load
from portal.sample.queries import has_sample

__all__ = ["has_sample", "init_app", "load"]


def init_app(app: Flask) -> None:
    """Wire the commands and the bar that marks every page."""
    cli.init_app(app)
    bar.init_app()
