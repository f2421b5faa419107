"""The words of versions: said once, so that list, page and question agree."""

from __future__ import annotations

from typing import Protocol

from flask_babel import gettext
from flask_babel import lazy_gettext as _

KINDS = {
    "daily": _("Daily"),
    "named": _("Named"),
    "frozen": _("Frozen"),
    "replaced": _("Before a restore"),
}


class Kept(Protocol):
    """A version, with or without its text."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...


def version_title(version: Kept) -> str:
    """What kind of version it is: "Daily", "Named “Before the review”"."""
    if version.name:
        return str(gettext("Named “%(name)s”", name=version.name))
    return str(KINDS[version.kind])
