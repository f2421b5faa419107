"""What people type, as it is kept: filters of form fields, and of what comes by the command line.

PostgreSQL refuses NUL outright, no other control character has a place in a text, and half a surrogate pair cannot be
stored at all.
"""

from __future__ import annotations

import re

# Tab and line feed are text.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def one_line(text: str | None) -> str:
    """A single-line answer: white space of every kind is one space, none at the ends."""
    return UNSEEN.sub("", " ".join((text or "").split()))


def lines(text: str | None) -> str:
    r"""A longer answer, else as typed: each line end is "\n", so that it is as long here as in the browser."""
    return UNSEEN.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n"))


def paragraphs(text: str | None) -> str:
    """As `lines`, without blanks before and after."""
    return lines(text).strip()
