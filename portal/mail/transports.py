"""How a message leaves: SMTP, a folder that the mailbox page reads, or memory for tests."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from portal.clock import utcnow
from portal.config import Settings, SettingsError

TIMEOUT_SECONDS = 20


class Transport(Protocol):
    """Takes a finished message or raises OSError / smtplib.SMTPException, so that the job is tried again."""

    def send(self, message: EmailMessage) -> None: ...


class Smtp:
    """smtp://user:password@host:587 (STARTTLS where offered) or smtps://... (TLS from the start)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise SettingsError(f"MAIL_URL has no host: {parts.scheme}://...")
        self.implicit_tls = parts.scheme == "smtps"
        self.host, self.port = parts.hostname, parts.port or (465 if self.implicit_tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(self, message: EmailMessage) -> None:
        with self.connect() as connection:
            if self.user:
                connection.login(self.user, self.password)
            connection.send_message(message)

    def connect(self) -> smtplib.SMTP:
        """An open connection, encrypted where the server offers it."""
        context = ssl.create_default_context()
        if self.implicit_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
        return connection


class Mailbox:
    """Development: one .eml file a message in the instance's folder, newest last by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        key = message["Message-ID"].strip("<>").partition("@")[0]
        path = self.folder / f"{utcnow():%Y%m%dT%H%M%S%f}-{key}.eml"
        path.write_bytes(message.as_bytes())


class Memory:
    """Tests: a list."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.messages.append(message)


def transport_for(settings: Settings) -> Transport:
    """The transport that MAIL_URL names. Raises SettingsError."""
    scheme = urlsplit(settings.mail_url).scheme
    if scheme in ("smtp", "smtps"):
        return Smtp(settings.mail_url)
    if scheme == "mailbox":
        return Mailbox(settings.instance / "mailbox")
    if scheme == "memory":
        return Memory()
    raise SettingsError(f"MAIL_URL must begin with smtp:, smtps: or mailbox:, not '{scheme}:'.")
