"""Where `next=` may lead: to a path of this portal and nowhere else."""

from __future__ import annotations

from flask import request

LONGEST = 2000
HOME = "/"


def safe_path(text: str | None) -> str:
    """`text` when it is a path on this origin, else "/".

    Browsers read a backslash as a slash and drop tabs and line breaks before they parse, so that "/\\t/evil.example"
    leads away; whatever holds one of these, or begins with two slashes, is refused.
    """
    if not text or len(text) > LONGEST or not text.startswith("/") or text.startswith("//"):
        return HOME
    if "\\" in text or any(ord(character) <= 32 or ord(character) == 127 for character in text):
        return HOME
    return text


def asked_for() -> str:
    """The path of the current request with its query, to come back to after signing in."""
    path = request.full_path if request.query_string else request.path
    return safe_path(path)
