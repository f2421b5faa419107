"""The mark on every page while the sample is there."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from portal.sample import sign_ins
from portal.web.slots import bars


def init_app() -> None:
    bars.fill("sample", text, order=10)


def text() -> Any:
    """The bar's text, or None. Known from the file of sign-ins, which comes and goes with the sample: no query."""
    if not sign_ins.path(current_app.instance_path).exists():
        return None
    return _("Sample: invented people and texts, beside the network’s real members.")
