"""Error pages in one voice, and JSON codes for programs. What a person posted is shown again: nothing typed is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from portal.extensions import db
from portal.transaction import DatabaseBusyError
from portal.web.layout import leave_out_person

log = structlog.get_logger(__name__)

# A field whose name holds one of these is never shown again.
NEVER_SHOWN = ("password", "token", "secret", "csrf", "code")
# Tells our script that the answer to a form is an error page and not the form: it then leaves the form as it is.
REFUSED = "X-Refused"
DRAINED_AT_MOST = 8_000_000  # bytes


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What a page says and the code that programs read."""

    code: str
    title: Any
    text: Any
    keeps_text: bool = True


PAGES: dict[int, ErrorPage] = {
    400: ErrorPage(
        "bad_request",
        _("We could not read that"),
        _("Something in it was missing or not as we expected. Go back, load the page again and try once more."),
    ),
    401: ErrorPage(
        "signed_out",
        _("You are not signed in any more"),
        _("Your session ended before this arrived, so it was not sent. Sign in and try again."),
    ),
    403: ErrorPage(
        "forbidden",
        _("You can see this, but not do that"),
        _("Your role here does not allow it. If you think that it should, write to the officers."),
    ),
    404: ErrorPage(
        "not_found",
        _("There is nothing here"),
        _("The address may be mistyped, the page may be gone, or it may belong to a group that you are not in."),
    ),
    405: ErrorPage(
        "method_not_allowed",
        _("That cannot be done here"),
        _("This address does not take that kind of request. Go back and use the buttons of the page."),
    ),
    413: ErrorPage(
        "too_large",
        _("That is too large for us"),
        _("A page takes up to 1 MB of text. Yours is still in the form: go back and make it shorter."),
        keeps_text=False,  # it was refused unread
    ),
    422: ErrorPage(
        "invalid",
        _("Something is missing or not right"),
        _("Go back and check what you entered. Nothing was changed."),
    ),
    429: ErrorPage(
        "too_many",
        _("A little slower, please"),
        _("There were too many tries in a short time. Wait a few minutes, then try again."),
    ),
    500: ErrorPage(
        "failed",
        _("That was our mistake"),
        _("Something went wrong on our side, and it is in our log. Nothing was half saved. Try again in a moment."),
    ),
    503: ErrorPage(
        "unavailable",
        _("The portal is busy for a moment"),
        _("We could not do that just now, and nothing was changed. Wait a few seconds and try again."),
    ),
}

EXPIRED_FORM = ErrorPage(
    "form_expired",
    _("This form is too old"),
    _("The page was open for so long that we cannot be sure it was you. Load it again and send it once more."),
)


def init_app(app: Flask) -> None:
    """Answer every error with a page or, for programs, `{"ok": false, "error": {code, message}}`."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda error: _answer(400, EXPIRED_FORM))
    app.register_error_handler(DatabaseBusyError, _busy)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(500, lambda error: page(500))


def wants_json() -> bool:
    """Whether the request came from a program that reads JSON rather than from a page."""
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def page(status: int) -> Response:
    """The error page of `status`, or its JSON twin. A status without words of its own speaks as 400 or 500."""
    return _answer(status, PAGES.get(status, PAGES[400 if status < 500 else 500]))


def kept_texts() -> list[tuple[str, str]]:
    """What the form of this request carried, as (name in words, text): never passwords and tokens."""
    if request.method in ("GET", "HEAD"):
        return []
    try:
        fields = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []
    shown = [(name, text) for name, text in fields if text.strip() and not any(word in name for word in NEVER_SHOWN)]
    return [(name.rsplit("-", 1)[-1].replace("_", " ").capitalize(), text) for name, text in shown]


def _answer(status: int, error: ErrorPage) -> Response:
    if status >= 500:
        leave_out_person()  # the database may be what failed
    if wants_json():
        response = jsonify(ok=False, error={"code": error.code, "message": str(error.title)})
    else:
        kept = kept_texts() if error.keeps_text else []
        response = make_response(render_template("errors/show.html", status=status, error=error, kept=kept))
    response.status_code = status
    response.headers[REFUSED] = error.code
    return response


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    if error.code == 413:
        _drain()
    response = page(error.code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _drain() -> None:
    """Read on and forget: a server that closes on a browser which is still sending shows it no page at all.

    Only what was refused for its declared length, since then nothing of it has been read yet.
    """
    declared = request.content_length or 0
    if declared <= (request.max_content_length or declared):
        return
    stream, left = request.environ["wsgi.input"], min(declared, DRAINED_AT_MOST)
    while left > 0 and (chunk := stream.read(min(65_536, left))):
        left -= len(chunk)


def _busy(error: DatabaseBusyError) -> Response:
    log.warning("database_busy")
    return page(503)


def _database_away(error: Exception) -> Response:
    log.exception("database_failed")
    db.session.rollback()
    return page(503)
