"""The blueprint that the pages of this domain share."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from portal.applications import deadlines, policy, words
from portal.clock import utcnow
from portal.richtext import document, document_markdown

bp = Blueprint("applications", __name__, url_prefix="/applications")


@bp.record
def _name_for_templates(state: BlueprintSetupState) -> None:
    """What this domain's templates ask, also in macros and in fragments for everybody: nothing here is a person."""
    state.app.jinja_env.globals.update(
        application_words=words,
        application_policy=policy,
        deadlines=deadlines,
        utcnow=utcnow,
        below_section=document.with_lower_headings,
        markdown_line=document_markdown.escaped,
    )
