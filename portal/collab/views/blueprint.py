"""The blueprint that the addresses of documents share."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from portal.collab import words

bp = Blueprint("collab", __name__)


@bp.record
def _name_for_templates(state: BlueprintSetupState) -> None:
    """What the templates of documents ask; nothing here is a person."""
    state.app.jinja_env.globals.update(collab_words=words)
