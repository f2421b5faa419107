"""From a template to a job, and from the job to a message on the wire, once."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template

from portal import jobs
from portal.clock import utcnow
from portal.config import Settings


def send(*, to: str, name: str = "", subject: str, template: str, key: str, **context: Any) -> None:
    """Queue one mail in the current transaction.

    `template` is a plain-text template under `mail/` (it inherits `mail/layout.txt`); `key` is what makes this
    mail itself: the same key is never sent twice. Links in it come from PORTAL_ORIGIN (`absolute_url`).
    Raises ValueError for an address or subject with a line break (header injection).
    """
    for value in (to, name, subject):
        if "\n" in value or "\r" in value:
            raise ValueError("a mail header cannot hold a line break")
    text = render_template(f"mail/{template}", subject=subject, current_user=None, **context)
    payload = {"to": to, "name": name, "subject": subject, "text": text, "key": key}
    jobs.enqueue("mail", f"mail:{key}", payload)


def withdraw(address: str) -> int:
    """Drop the mails to this address that are not sent yet, in the current transaction. Returns how many."""
    return jobs.drop("mail", "to", address)


@jobs.handler("mail")
def deliver(payload: dict[str, Any]) -> None:
    """Hand one queued mail to the transport."""
    settings: Settings = current_app.extensions["settings"]
    current_app.extensions["mail_transport"].send(compose(payload, settings))


def compose(payload: dict[str, Any], settings: Settings) -> EmailMessage:
    """The message of a payload. Its Message-ID comes from the key, so that a second delivery is recognised."""
    message = EmailMessage()
    sender_name, sender = parseaddr(settings.mail_from)
    host = urlsplit(settings.origin).hostname or "localhost"
    local, _, domain = payload["to"].rpartition("@")
    message["From"] = Address(sender_name, addr_spec=sender)
    message["To"] = Address(payload["name"], username=local, domain=domain)
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(utcnow())
    message["Message-ID"] = f"<{hashlib.sha256(payload['key'].encode()).hexdigest()[:32]}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if settings.mail_reply_to:
        message["Reply-To"] = settings.mail_reply_to
    message.set_content(payload["text"])
    return message
