"""The part of an address that comes from a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST = 80  # what the columns take


def slug_for(name: str, *, otherwise: str) -> str:
    """ "Centro de Empática" -> "centro-de-empatica": lower case ASCII, at most 80 characters, never empty.

    A name in a script without Latin letters gives `otherwise`; `first_free` makes it unique.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or otherwise


def first_free(stem: str, taken: Collection[str]) -> str:
    """ "centre", "centre-2", ...: the first that is not taken, at most 80 characters."""
    slug, number = stem, 2
    while slug in taken:
        ending = f"-{number}"
        slug, number = stem[: LONGEST - len(ending)] + ending, number + 1
    return slug
