"""The public pages, and the desk."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal.members import queries as members
from portal.site.desk import desk_of, is_first_visit
from portal.site.statements import LEICESTER_DECLARATION
from portal.web.public import public

bp = Blueprint("site", __name__)

ROBOTS = """User-agent: *
Allow: /$
Allow: /about
Allow: /accessibility
Allow: /assets/
Allow: /contact
Allow: /join$
Allow: /members
Allow: /officers
Allow: /privacy
Allow: /statements/
Disallow: /
"""


@bp.get("/")
@public
def home() -> str:
    """The network in a page for visitors; the desk for people of the network."""
    if not current_user.is_authenticated:
        return render_template(
            "site/home.html", statement=LEICESTER_DECLARATION, directory=members.directory(current_user)
        )
    return render_template(
        "site/desk.html",
        desk=desk_of(current_user),
        is_first_visit=is_first_visit(current_user, g.get("auth_session")),
    )


@bp.get("/about")
@public
def about() -> str:
    return render_template("site/about.html", statement=LEICESTER_DECLARATION)


@bp.get("/statements/<slug>")
@public
def statement(slug: str) -> str:
    """A joint statement. There is one so far."""
    if slug != LEICESTER_DECLARATION.slug:
        raise NotFound
    return render_template("site/statement.html", statement=LEICESTER_DECLARATION)


@bp.get("/privacy")
@public
def privacy() -> str:
    return render_template("site/privacy.html")


@bp.get("/accessibility")
@public
def accessibility() -> str:
    return render_template("site/accessibility.html")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Only what is public is worth a crawler's visit; everything else sends it to sign in."""
    return Response(ROBOTS, mimetype="text/plain")
