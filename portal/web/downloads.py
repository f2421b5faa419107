"""Answers that a browser saves as a file instead of showing them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Response

MAX_BYTES = 150  # of UTF-8; file systems take 255, with what the browser adds

# What some system forbids in a name, and marks that would turn the ending round ("fdp.exe"). U+200C is spelling.
FORBIDDEN = re.compile('[<>:"/\\\\|?*\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+')


def attachment(body: str, *, mimetype: str, name: str, extension: str, plain_name: str) -> Response:
    """`body` as a file in UTF-8, named after `name` in whatever script.

    `plain_name` (ASCII) is for clients that know no other names (RFC 6266, section 4.3; RFC 5987).
    """
    named = quote(f"{file_name(name) or plain_name}.{extension}", safe="!#$&+^`|~", encoding="utf-8")
    response = Response(body, content_type=f"{mimetype}; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain_name}.{extension}\"; filename*=UTF-8''{named}"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_name(title: str) -> str:
    """The title as the name of a file, without its ending; "" when nothing of it may stand in one."""
    clean = " ".join(FORBIDDEN.sub(" ", unicodedata.normalize("NFC", title)).split())
    return clean.encode()[:MAX_BYTES].decode(errors="ignore").strip(" .")
