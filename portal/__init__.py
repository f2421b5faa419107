"""The portal of the Global Empathy in Healthcare Network: one Flask application, a package per domain."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import collab, jobs, live, logs, mail, migrating, transaction, web
from portal.config import Settings
from portal.extensions import db, messenger


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application: settings, database, plumbing, domains. Raises SettingsError on unusable settings."""
    settings = settings or Settings.from_env()
    app = Flask("portal", instance_path=str(settings.instance))
    configure(app, settings)
    connect_stores(app, settings)
    install_plumbing(app, settings)
    register_domains(app)
    trust_proxies(app, settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Hand Flask and its extensions what they read from `app.config`; our own code asks for `settings`."""
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.environment == "testing",
        MAX_CONTENT_LENGTH=settings.max_body,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_secure else "portal",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,  # the default loses a reply that took an hour to write
        BABEL_DEFAULT_LOCALE=settings.language,
    )


def engine_options(settings: Settings) -> dict[str, object]:
    """SQLAlchemy's engine options: SQLite never waits inside the driver (see `transaction`)."""
    quiet = {"hide_parameters": True}  # an error's text goes to the log, and parameters are what people wrote
    if settings.is_sqlite:
        return {**quiet, "connect_args": {"timeout": 0, "check_same_thread": False}}
    return {**quiet, "pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}


def connect_stores(app: Flask, settings: Settings) -> None:
    """Bind the database and the messenger."""
    db.init_app(app)
    if migrating.is_wanted():
        migrating.bind(app)
    messenger.init_app(app, settings.redis_url)
    with app.app_context():
        transaction.install(db.engine)


def install_plumbing(app: Flask, settings: Settings) -> None:
    """What every domain stands on; the order is the order in which a request meets it."""
    logs.init_app(app, settings)
    transaction.init_app(app)
    web.init_app(app, settings)
    jobs.init_app(app)
    mail.init_app(app, settings)
    live.init_app(app, settings)
    collab.init_app(app)


def register_domains(app: Flask) -> None:
    """The one list of what is wired, lowest tier first."""
    # Here and not above: domains import the plumbing that this module puts together.
    from portal import accounts, applications, boards, members, operations, sample, site  # noqa: PLC0415  # see above

    for domain in (accounts, members, boards, applications, site, sample, operations):
        domain.init_app(app)


def trust_proxies(app: Flask, settings: Settings) -> None:
    """Believe what the configured number of proxies says of address, scheme and host; without any, nobody.

    Outermost, so that the door of the sockets and every view see the same request. Whatever a stranger puts into
    X-Forwarded-For stands to the left of our own proxies' hops, where nobody looks.
    """
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # WSGI middleware
