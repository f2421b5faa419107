"""The mailbox page of a development portal: the mails that were not sent, for the person at this machine only."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from portal.access import found
from portal.config import Settings
from portal.mail.transports import Mailbox
from portal.web.health import is_this_machine
from portal.web.public import public

bp = Blueprint("mailbox", __name__)

NEWEST = 50
NAME = re.compile(r"[0-9A-Za-z-]+")
LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the folder; `name` is its file's, without the ending."""

    name: str
    to: str
    subject: str
    date: Any
    text: str


def init_app(app: Flask, settings: Settings) -> None:
    """Register the page where mail goes to a folder, in development. Elsewhere its address does not exist."""
    if settings.environment == "development" and isinstance(app.extensions["mail_transport"], Mailbox):
        app.register_blueprint(bp)


@bp.before_request
def _only_from_here() -> None:
    """The sign-in links of everybody stand in it: whoever is not at this machine finds nothing."""
    if not is_this_machine():
        raise NotFound


@bp.get("/mailbox")
@public
def index() -> str:
    return render_template("mail/index.html", mails=[_read(path) for path in _files()[:NEWEST]])


@bp.get("/mailbox/<name>")
@public
def show(name: str) -> str:
    mail = found(next((path for path in _files() if path.stem == name), None)) if NAME.fullmatch(name) else found(None)
    return render_template("mail/show.html", mail=_read(mail), linked=linked)


def linked(text: str) -> Markup:
    """Plain text with its addresses made into links."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        url = match.group().rstrip(".,)")
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(url)]
        end = match.start() + len(url)
    return Markup("").join([*parts, escape(text[end:])])


def _files() -> list[Path]:
    """Newest first: the name begins with the time."""
    transport: Mailbox = current_app.extensions["mail_transport"]
    return sorted(transport.folder.glob("*.eml"), reverse=True)


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
    return Mail(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=message["Date"].datetime,
        text=message.get_content(),
    )
