"""Settings: read once from the environment, checked, frozen; every other module is handed the result."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Environment = Literal["development", "production", "testing"]

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MAIL_FROM = "Global Empathy in Healthcare Network <portal@localhost>"


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message is a sentence for the person who starts the portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The portal's settings. `docs/configuration.md` lists each with its default.

    `trusted_proxies` is the number of proxies in front (0: forwarded headers are ignored);
    `max_body` and `max_socket_message` are bytes.
    """

    environment: Environment = "development"
    host: str = "127.0.0.1"
    port: int = 8450
    instance: Path = ROOT / "instance"
    origin: str = ""
    trusted_proxies: int = 0
    secret_key: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    redis_url: str = field(default="", repr=False)
    mail_url: str = field(default="", repr=False)
    mail_from: str = DEFAULT_MAIL_FROM
    mail_reply_to: str = ""
    files_url: str = ""
    language: str = "en"
    max_body: int = 1_000_000
    max_socket_message: int = 260_000
    argon2_memory_kib: int = 65_536

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `environ` (the process's own by default).

        Raises SettingsError when a value cannot be used or production lacks what it needs.
        """
        env = os.environ if environ is None else environ
        environment = env.get("PORTAL_ENV", "development")
        if environment not in ("development", "production", "testing"):
            raise SettingsError(f"PORTAL_ENV is '{environment}'. It must be development or production.")
        instance = Path(env.get("PORTAL_INSTANCE") or ROOT / "instance").resolve()
        host, port = env.get("PORTAL_HOST", "127.0.0.1"), _number(env, "PORTAL_PORT", 8450, 1, 65_535)
        settings = cls(
            environment=environment,  # type: ignore[arg-type]  # narrowed by the check above
            host=host,
            port=port,
            instance=instance,
            origin=env.get("PORTAL_ORIGIN", "").rstrip("/") or f"http://localhost:{port}",
            trusted_proxies=_trusted_proxies(env),
            secret_key=env.get("SECRET_KEY", "") or kept_secret(instance),
            database_url=_database_url(env.get("DATABASE_URL", ""), instance),
            redis_url=env.get("REDIS_URL", "") or _bundled_redis_url(instance),
            mail_url=env.get("MAIL_URL", "") or ("" if environment == "production" else "mailbox:"),
            mail_from=env.get("MAIL_FROM", "") or DEFAULT_MAIL_FROM,
            mail_reply_to=env.get("MAIL_REPLY_TO", ""),
            files_url=env.get("FILES_URL", "") or (instance / "files").as_uri(),
            language=env.get("PORTAL_LANGUAGE", "en"),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would be unsafe to serve. Raises SettingsError."""
        if not self.is_production:
            return
        if urlsplit(self.origin).scheme != "https":
            raise SettingsError("Production needs PORTAL_ORIGIN, the https address that people type.")
        if not self.mail_url:
            raise SettingsError("Production needs MAIL_URL, for example smtp://user:password@mail.example.org:587.")

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the portal by https, so that cookies may be marked Secure."""
        return self.origin.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins that pages and sockets are accepted from; development knows both names of this machine."""
        if self.is_production:
            return (self.origin,)
        return tuple(dict.fromkeys((self.origin, f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}")))

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(urlsplit(origin).netloc for origin in self.allowed_origins))


def kept_secret(instance: Path) -> str:
    """The secret key of this instance, made at the first start and kept readable by its owner only."""
    path = instance / "secret_key"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):  # another process of the same start was quicker
        os.link(draft, path)  # whole or not at all
    draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is '{text}'. It must be a number from {low} to {high}.")
    return int(text)


def _trusted_proxies(env: Mapping[str, str]) -> int:
    if env.get("PORTAL_TRUSTED_PROXIES", "none") == "none":
        return 0
    return _number(env, "PORTAL_TRUSTED_PROXIES", 0, 0, 10)


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'portal.sqlite'}"
    # Hosting services hand out the short scheme, which SQLAlchemy would give to a driver that blocks gevent.
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _bundled_redis_url(instance: Path) -> str:
    return f"unix://{instance / 'valkey.sock'}"
