"""Joint funding applications: the funder's form as data, a section written by many, partners and people."""

from __future__ import annotations

from flask import Flask

from portal.accounts import invitations as links
from portal.applications import broadcasts, models, receivers  # noqa: F401  # tables, gates and receivers register
from portal.applications.desk import fill_slots
from portal.applications.documents import SECTION
from portal.applications.invitations import APPLICATION
from portal.applications.views import bp
from portal.collab import kinds


def init_app(app: Flask) -> None:
    """Register pages, slots, the kind of invitation and the rights of a section's text."""
    app.register_blueprint(bp)
    links.kinds.fill(models.INVITATION_KIND, APPLICATION)
    kinds.register("section", SECTION)
    fill_slots()
