"""Mail leaves once, from the queue, with headers that nobody can add to."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from flask import Flask

from portal import jobs, mail
from portal.config import Settings, SettingsError
from portal.mail.transports import Mailbox, Smtp, transport_for
from portal.transaction import commit


def settings_with(mail_url: str, tmp_path: Path) -> Settings:
    return Settings(environment="testing", instance=tmp_path, origin="http://localhost:8450", mail_url=mail_url)


@pytest.mark.parametrize("field", ["to", "name", "subject"])
@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_a_line_break_in_a_header_is_refused(app: Flask, field: str, line_break: str) -> None:
    values = {"to": "ana@sample.example", "name": "Ana", "subject": "Hello"}
    values[field] += f"{line_break}Bcc: everybody@sample.example"
    with app.app_context(), pytest.raises(ValueError, match="line break"):
        mail.send(**values, template="layout.txt", key="k")


def test_a_mail_is_sent_once_for_its_key_and_names_the_portal_only_by_its_origin(app: Flask) -> None:
    with app.app_context():
        for _ in range(2):
            mail.send(to="ana@sample.example", name="Ana Ruíz", subject="Grüße", template="layout.txt", key="hello:1")
        commit()
        jobs.run_due_jobs()

    [message] = app.extensions["mail_transport"].messages
    read = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert (read["Subject"], read["To"]) == ("Grüße", "Ana Ruíz <ana@sample.example>")
    assert read["Auto-Submitted"] == "auto-generated"
    assert "http://localhost:8450/" in read.get_content()


def test_development_keeps_mail_in_a_folder(tmp_path: Path) -> None:
    transport = transport_for(settings_with("mailbox:", tmp_path))
    assert isinstance(transport, Mailbox)
    message = email.message.EmailMessage()
    message["Message-ID"] = "<abc@localhost>"
    transport.send(message)
    assert len(list((tmp_path / "mailbox").glob("*-abc.eml"))) == 1


def test_the_mail_address_is_read_with_its_port_and_password(tmp_path: Path) -> None:
    transport = transport_for(settings_with("smtps://portal:s%40cret@mail.example.org", tmp_path))
    assert isinstance(transport, Smtp)
    assert (transport.host, transport.port, transport.user, transport.password) == (
        "mail.example.org",
        465,
        "portal",
        "s@cret",
    )


def test_an_unknown_kind_of_mail_address_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MAIL_URL must begin with"):
        transport_for(settings_with("pigeon:", tmp_path))
