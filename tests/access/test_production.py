"""What production refuses to start with, however it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from launcher.environment import ROOT
from portal.accounts.models import User
from portal.config import Settings, SettingsError
from portal.extensions import db
from tests.builders import Make

SAFE = {
    "PORTAL_ENV": "production",
    "PORTAL_ORIGIN": "https://portal.example.org",
    "MAIL_URL": "smtp://mail.example.org:587",
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"PORTAL_ORIGIN": ""}, "PORTAL_ORIGIN"),
        ({"PORTAL_ORIGIN": "http://portal.example.org"}, "PORTAL_ORIGIN"),
        ({"MAIL_URL": ""}, "MAIL_URL"),
    ],
)
def test_production_needs_an_https_origin_and_a_way_to_send_mail(
    tmp_path: Path, change: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_env({**SAFE, "PORTAL_INSTANCE": str(tmp_path), **change})
    assert Settings.from_env({**SAFE, "PORTAL_INSTANCE": str(tmp_path)}).is_production


@pytest.mark.processes
def test_a_server_with_unsafe_settings_ends_with_a_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, **SAFE, "PORTAL_INSTANCE": str(tmp_path), "MAIL_URL": ""}

    served = start(environment, "gunicorn", "-k", "gevent", "--bind", f"unix:{tmp_path}/g.sock", "wsgi:app")

    assert served.returncode != 0
    assert "Production needs MAIL_URL" in served.stderr
    assert "Traceback" not in served.stderr


@pytest.mark.processes
def test_production_with_sample_accounts_does_not_serve_but_lets_them_be_removed(
    app: Flask, make: Make, tmp_path: Path
) -> None:
    ana = make.person("Ana")
    with app.app_context():
        db.session.execute(sa.update(User).where(User.id == ana.id).values(is_sample=True))
        db.session.commit()
    settings: Settings = app.extensions["settings"]
    environment = {
        **os.environ,
        **SAFE,
        "PORTAL_INSTANCE": str(tmp_path),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
    }
    socket = f"unix:{tmp_path}/g.sock"

    served = start(environment, "gunicorn", "-k", "gevent", "-w", "1", "--bind", socket, "wsgi:app")
    removed = start(environment, "flask", "--app", "wsgi", "sample", "remove")

    assert served.returncode != 0
    assert "The sample's accounts are in this database. Remove them first: flask sample remove" in served.stderr
    assert removed.returncode == 0, removed.stderr


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
