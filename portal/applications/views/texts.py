"""The whole application to read: as a page, and as a file to keep."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.applications import policy, queries, templates
from portal.applications.models import Application
from portal.applications.policy import access_application
from portal.applications.views.blueprint import bp
from portal.web.downloads import attachment


@bp.get("/<int:application_id>/text")
def text(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id)
    can_lead = policy.can_lead(current_user, application)
    return render_template("applications/text/show.html", can_lead=can_lead, **_whole(application))


@bp.get("/<int:application_id>/download.html")
def download_page(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id)
    body = render_template("applications/text/download.html", **_whole(application))
    return _file(application, body, "text/html", "html")


@bp.get("/<int:application_id>/download.md")
def download_markdown(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id)
    body = render_template("applications/text/download.md", **_whole(application))
    return _file(application, body, "text/markdown", "md")


def _whole(application: Application) -> dict[str, Any]:
    return {
        "application": application,
        "work": queries.workspace(application),
        "template": templates.pinned(application.template_id, application.template_version),
    }


def _file(application: Application, body: str, mimetype: str, extension: str) -> Response:
    plain_name = f"application-{application.id}"
    return attachment(body, mimetype=mimetype, name=application.title, extension=extension, plain_name=plain_name)
