"""The part of an organisation's address that comes from its name."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 80


def slug_for(name: str) -> str:
    """ "Centro de Empática" -> "centro-de-empatica": lower case ASCII, at most 80 characters, never empty.

    A name in a script without Latin letters gives "member"; whoever saves it makes it unique.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-") or "member"
