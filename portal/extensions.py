"""The extension objects, unbound; `create_app` binds them to an application."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import redis
from flask import Flask, current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, registry

from portal.clock import UTCDateTime


class Base(DeclarativeBase):
    """Every table: named constraints (SQLite's batch migrations need the names) and instants in UTC."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UTCDateTime()},
    )


class Redis:
    """The messenger's client, one pool an application. Nothing that matters lives only there."""

    def init_app(self, app: Flask, url: str) -> None:
        app.extensions["redis"] = redis.Redis.from_url(
            url,
            socket_timeout=2,
            socket_connect_timeout=1,
            protocol=3,
            max_connections=200,
            retry=Retry(NoBackoff(), 1),  # the default sleeps for seconds before it says that nobody answers
        )

    @property
    def client(self) -> Any:
        """The redis-py client of the current application; its calls raise redis.RedisError when it is away."""
        return current_app.extensions["redis"]


db: SQLAlchemy = SQLAlchemy(model_class=Base, disable_autonaming=True)
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(key_func=get_remote_address)
socketio = SocketIO()
messenger = Redis()
