"""What templates may ask for: plain functions of their arguments, no request and no person."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app
from flask_babel import get_locale
from jinja2 import StrictUndefined

from portal.web import templating


def init_app(app: Flask) -> None:
    """Make Jinja strict and quick, and register the filters."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    templating.init_app(app)
    app.jinja_env.globals.update(absolute_url=absolute_url, get_locale=get_locale)
    app.jinja_env.filters.update(isotime=isotime, initials=initials, hue=hue)


def isotime(moment: datetime) -> str:
    """The exact instant for `<time datetime>`: "2026-11-24T14:02:10Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def initials(name: str) -> str:
    """One or two letters for the avatar: the first of the first and of the last word."""
    words = [word for word in name.split() if word[0].isalpha()] or [name.strip() or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(person_id: int) -> int:
    """Which of the eight fixed hues this person has everywhere (1 to 8)."""
    return person_id % 8 + 1


def absolute_url(path: str) -> str:
    """A link for mail: always on PORTAL_ORIGIN, never on the Host header of a request."""
    origin: str = current_app.extensions["settings"].origin
    return origin + path
