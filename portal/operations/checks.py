"""The doctor's looks: database, migrations, Redis, mail, storage, zone data, file rights."""

from __future__ import annotations

import smtplib
import stat
import tempfile
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis
from flask import current_app

from portal.config import Settings
from portal.extensions import messenger
from portal.mail.transports import Smtp
from portal.web.health import SIDE_PROCESSES, database_state, messenger_states

ZONES = ("Europe/London", "America/Los_Angeles", "Africa/Lagos", "Asia/Tehran", "Australia/Sydney")


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: its name, whether all is well, and what was seen, as a sentence."""

    name: str
    is_well: bool
    text: str


def run() -> list[Finding]:
    """Every look in turn; none stops the others."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        look_at_database,
        look_at_redis,
        look_at_processes,
        look_at_mail,
        look_at_storage,
        look_at_zones,
        look_at_rights,
    )
    settings: Settings = current_app.extensions["settings"]
    return [look(settings) for look in looks]


def look_at_database(settings: Settings) -> Finding:
    state = database_state()
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    return Finding("database", state == "ok", f"{kind} answers and is migrated" if state == "ok" else f"{kind} {state}")


def look_at_redis(settings: Settings) -> Finding:
    try:
        version = messenger.client.info("server")["redis_version"]
    except redis.RedisError as error:
        return Finding("redis", False, f"does not answer ({type(error).__name__}); bin/run starts a private one")
    return Finding("redis", True, f"answers, version {version}")


def look_at_processes(settings: Settings) -> Finding:
    states = messenger_states()
    silent = [name for name in SIDE_PROCESSES if states[name] != "ok"]
    if silent:
        return Finding("processes", False, f"{' and '.join(silent)} not heard of; is the portal running?")
    return Finding("processes", True, "worker and reader were heard within the last minute")


def look_at_mail(settings: Settings) -> Finding:
    transport = current_app.extensions["mail_transport"]
    if not isinstance(transport, Smtp):
        return Finding("mail", True, "goes to the mailbox page of this machine")
    try:
        with transport.connect() as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", False, f"{transport.host}:{transport.port} does not answer ({error})")
    return Finding("mail", True, f"{transport.host}:{transport.port} answers")


def look_at_storage(settings: Settings) -> Finding:
    parts = urlsplit(settings.files_url)
    if parts.scheme != "file":
        return Finding("storage", False, f"FILES_URL begins with {parts.scheme}:, only file: is supported so far")
    folder = Path(parts.path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("storage", False, f"{folder} cannot be written ({error.strerror})")
    return Finding("storage", True, f"{folder} can be written")


def look_at_zones(settings: Settings) -> Finding:
    missing = [zone for zone in ZONES if zone not in zoneinfo.available_timezones()]
    text = "zone data is there" if not missing else f"no data for {', '.join(missing)}"
    return Finding("zones", not missing, text)


def look_at_rights(settings: Settings) -> Finding:
    loose = [
        path.name
        for path in (settings.instance, settings.instance / "secret_key")
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if loose:
        return Finding("rights", False, f"{', '.join(loose)} can be read by others; chmod go-rwx")
    return Finding("rights", True, "the instance folder and the secret key are readable by their owner only")


def settings_in_force() -> list[tuple[str, str]]:
    """Every setting by the name of its variable, secrets masked: [("PORTAL_ENV", "development"), ...]."""
    settings: Settings = current_app.extensions["settings"]
    return [
        ("PORTAL_ENV", settings.environment),
        ("PORTAL_HOST", settings.host),
        ("PORTAL_PORT", str(settings.port)),
        ("PORTAL_INSTANCE", str(settings.instance)),
        ("PORTAL_ORIGIN", settings.origin),
        ("PORTAL_TRUSTED_PROXIES", str(settings.trusted_proxies or "none")),
        ("PORTAL_LANGUAGE", settings.language),
        ("SECRET_KEY", "set" if settings.secret_key else "missing"),
        ("DATABASE_URL", masked(settings.database_url)),
        ("REDIS_URL", masked(settings.redis_url)),
        ("MAIL_URL", masked(settings.mail_url)),
        ("MAIL_FROM", settings.mail_from),
        ("MAIL_REPLY_TO", settings.mail_reply_to or "(none)"),
        ("FILES_URL", masked(settings.files_url)),
    ]


def masked(url: str) -> str:
    """The address without its password: "smtp://user:***@host"."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return url.replace(f":{parts.password}@", ":***@", 1)
