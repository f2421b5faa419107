"""Error pages in one voice, and JSON codes for programs."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.extensions import db
from portal.transaction import DatabaseBusyError

log = structlog.get_logger(__name__)

PAGES: dict[int, tuple[Any, Any]] = {
    400: (
        _("We could not read that"),
        _("The request was incomplete or came from a page that is too old. Go back, reload, and try again."),
    ),
    403: (
        _("You can see this, but not do that"),
        _("Your role does not allow it. If you think it should, ask an officer."),
    ),
    404: (_("Nothing here"), _("There is no page at this address, or it is not yours to see.")),
    405: (
        _("That cannot be done here"),
        _("This address does not take that kind of request. Go back and use the buttons of the page."),
    ),
    413: (
        _("That is too large"),
        _("What you sent is larger than we accept. Your text is still in the form: go back and shorten it."),
    ),
    422: (_("Something is missing"), _("Go back and check what you entered; it is still there.")),
    429: (_("A little slower, please"), _("There were too many tries from here. Wait a few minutes and try again.")),
    500: (
        _("That was our mistake"),
        _("Something failed here and the officers can see it in the log. Nothing was half saved."),
    ),
    503: (
        _("Busy for a moment"),
        _("The portal could not take that just now. Go back: your text is still there. Then try again."),
    ),
}


def init_app(app: Flask) -> None:
    """Answer every error with a page or, for programs, `{"ok": false, "error": {code, message}}`."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda error: page(400))
    app.register_error_handler(DatabaseBusyError, _busy)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(500, lambda error: page(500))


def wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def page(status: int) -> tuple[str | Response, int]:
    """The error page of `status`, or its JSON twin."""
    title, text = PAGES.get(status, PAGES[400 if status < 500 else 500])
    if wants_json():
        return jsonify(ok=False, error={"code": str(status), "message": str(title)}), status
    return render_template("errors/show.html", status=status, title=title, text=text), status


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return page(error.code)


def _busy(error: DatabaseBusyError) -> tuple[str | Response, int]:
    log.warning("database_busy")
    return page(503)


def _database_away(error: OperationalError) -> tuple[str | Response, int]:
    log.exception("database_failed")
    db.session.rollback()
    return page(503)
