"""`/healthz`: the process lives. `/readyz`: it can serve; details for this machine only."""

from __future__ import annotations

import functools
import ipaddress
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa
from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from portal.config import ROOT, Settings
from portal.extensions import db, limiter, messenger
from portal.transaction import DatabaseBusyError

SIDE_PROCESSES = ("worker", "reader")
ALIVE_SECONDS = 60


def init_app(app: Flask) -> None:
    """Register both addresses; neither is rate limited."""

    @app.get("/healthz")
    @limiter.exempt
    def healthz() -> ResponseReturnValue:
        return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}

    @app.get("/readyz")
    @limiter.exempt
    def readyz() -> ResponseReturnValue:
        details = readiness()
        status = 503 if details["database"] != "ok" else 200
        word = "unavailable" if status == 503 else "ok" if all(v == "ok" for v in details.values()) else "degraded"
        body: dict[str, Any] = {"status": word}
        if is_this_machine():
            body["details"] = details
        return jsonify(body), status, {"Cache-Control": "no-store"}


def readiness() -> dict[str, str]:
    """What the portal leans on, each "ok" or a few words. Only the database makes it unready."""
    return {"database": database_state(), **messenger_states()}


def database_state() -> str:
    """Whether the database answers and stands at the migration that this code needs."""
    try:
        found = db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except (SQLAlchemyError, DatabaseBusyError):
        db.session.rollback()
        return "does not answer, or was never migrated"
    needed = migration_head()
    return "ok" if found == needed else f"is at migration {found}, the code needs {needed}"


def messenger_states() -> dict[str, str]:
    """Redis, and the processes that report there every few seconds (`beat`)."""
    try:
        beats = messenger.client.mget([alive_key(name) for name in SIDE_PROCESSES])
    except redis.RedisError:
        return {"redis": "away", **dict.fromkeys(SIDE_PROCESSES, "unknown while Redis is away")}
    states = {
        name: "ok" if beat else f"silent for {ALIVE_SECONDS} s"
        for name, beat in zip(SIDE_PROCESSES, beats, strict=True)
    }
    return {"redis": "ok", **states}


def beat(name: str) -> None:
    """Say that the process `name` lives; called at least every 20 s. Without Redis nothing is said."""
    try:
        messenger.client.set(alive_key(name), b"1", ex=ALIVE_SECONDS)
    except redis.RedisError:
        return


def alive_key(name: str) -> str:
    return f"portal:alive:{name}"


@functools.cache
def migration_head(folder: Path = ROOT / "migrations" / "versions") -> str:
    """The newest migration: files are named by number, so that Alembic need not be imported to know."""
    return max(path.name.split("_")[0] for path in folder.glob("[0-9]*.py"))


def is_this_machine() -> bool:
    """Whether the asker sits on this machine. A proxy in front that is not trusted makes everybody a stranger."""
    settings: Settings = current_app.extensions["settings"]
    if settings.trusted_proxies == 0 and ("X-Forwarded-For" in request.headers or "Forwarded" in request.headers):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
