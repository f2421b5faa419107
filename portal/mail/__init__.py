"""Mail: written in the action's transaction, sent by the worker; SMTP, or the mailbox page in development."""

from __future__ import annotations

from flask import Flask

from portal.config import Settings
from portal.mail import mailbox
from portal.mail.outbox import send, withdraw
from portal.mail.transports import transport_for

__all__ = ["init_app", "send", "withdraw"]


def init_app(app: Flask, settings: Settings) -> None:
    """Choose the transport of MAIL_URL; give development its mailbox page. Raises SettingsError for an unknown one."""
    app.extensions["mail_transport"] = transport_for(settings)
    mailbox.init_app(app, settings)
