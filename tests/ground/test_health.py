"""What the portal says of itself to a proxy, a stranger, and the person at its own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.extensions import db
from portal.web.health import beat, migration_head

HERE = "http://localhost:8450"


def ready(app: Flask, **kwargs: object) -> tuple[int, dict[str, Any]]:
    response = app.test_client().get("/readyz", base_url=HERE, **kwargs)
    return response.status_code, response.get_json()


def test_healthz_answers_without_a_question_to_anybody(app: Flask) -> None:
    response = app.test_client().get("/healthz", base_url=HERE)
    assert (response.status_code, response.text) == (200, "ok\n")


def test_a_proxy_asks_for_the_process_by_its_own_address(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz", base_url="http://127.0.0.1:9999").status_code == 200
    assert client.get("/", base_url="http://127.0.0.1:9999").status_code == 400


def test_readyz_is_degraded_until_worker_and_reader_were_heard(app: Flask) -> None:
    assert ready(app)[1]["status"] == "degraded"

    with app.app_context():
        beat("worker")
        beat("reader")

    status, body = ready(app)
    assert status == 200
    assert body == {"status": "ok", "details": {"database": "ok", "redis": "ok", "worker": "ok", "reader": "ok"}}


def test_strangers_get_a_word_and_no_details(app: Flask) -> None:
    for stranger in (
        {"environ_base": {"REMOTE_ADDR": "198.51.100.7"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    ):
        assert set(ready(app, **stranger)[1]) == {"status"}


def test_readyz_is_503_when_the_database_stands_at_another_migration(app: Flask) -> None:
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
        db.session.commit()

    status, body = ready(app)

    assert status == 503
    assert body["details"]["database"] == f"is at migration 0000, the code needs {migration_head()}"
    with app.app_context():
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": migration_head()})
        db.session.commit()


def test_the_newest_migration_is_read_from_the_file_names(tmp_path: Path) -> None:
    for name in ("0002_b.py", "0010_a.py", "__init__.py"):
        (tmp_path / name).touch()
    assert migration_head(tmp_path) == "0010"
