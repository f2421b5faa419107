"""The public directory of members, and the officers."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from portal.members import policy, queries
from portal.members.views.blueprint import bp
from portal.web.public import public


@bp.get("/members")
@public
def index() -> str:
    return render_template(
        "members/organisations/index.html",
        directory=queries.directory(current_user),
        may_create=policy.can_create_organisation(current_user),
    )


@bp.get("/officers")
@public
def officers() -> str:
    return render_template("members/officers/index.html", terms=queries.officers())
