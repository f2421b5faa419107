"""What `deploy/` starts on a server is what `bin/run` starts, hardened, and described in `docs/operating.md`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import supervisor
from launcher.checks import Place
from launcher.environment import ROOT

pytestmark = pytest.mark.any_database

UNITS = ROOT / "deploy" / "systemd"
BIN = "/srv/portal/.venv/bin/"


def settings_of(unit: str) -> dict[str, str]:
    """The unit's settings; of one that stands there twice the last."""
    lines = (UNITS / unit).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("part", ["server", "worker", "reader"])
def test_a_unit_starts_what_bin_run_starts(part):
    place = Place(Path("/var/lib/portal"), "127.0.0.1", 8451, redis_url="", database_url="", is_development=False)
    wanted = " ".join(supervisor.commands(place)[part]).removeprefix("-m ")
    [unit] = UNITS.glob(f"portal-{part}*.service")
    assert settings_of(unit.name)["ExecStart"].replace("%i", "8451") == BIN + wanted


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.glob("*.service")))
def test_a_unit_may_touch_its_own_folder_only(unit):
    settings = settings_of(unit)
    assert settings["User"] == "portal"
    assert settings["NoNewPrivileges"] == "yes"
    assert settings["ProtectSystem"] == "strict"
    assert settings["CapabilityBoundingSet"] == ""
    assert settings["EnvironmentFile"] == "/etc/portal/portal.env"
    also = {"/var/backups/portal"} if unit == "portal-backup.service" else set()
    assert set(settings["ReadWritePaths"].split()) == {"/var/lib/portal"} | also


def test_the_server_has_longer_to_end_than_it_gives_its_requests():
    graceful = re.search(r"graceful_timeout = (\d+)", (ROOT / "deploy" / "gunicorn.py").read_text())
    assert graceful
    assert int(settings_of("portal-server@.service")["TimeoutStopSec"]) > int(graceful[1])


def test_the_page_for_operators_names_every_unit_and_nothing_that_is_not_there():
    page = (ROOT / "docs" / "operating.md").read_text()
    for path in UNITS.iterdir():
        assert path.name.partition(".")[0] in page, path.name
    for name in set(re.findall(r"(?<![/\w])(?:deploy|docs|bin)/[\w./@-]*\w", page)):
        assert (ROOT / name).exists(), name


def test_caddy_takes_its_file():
    caddy = shutil.which("caddyserver") or str(Path(sys.executable).with_name("caddyserver"))
    done = subprocess.run(
        [caddy, "adapt", "--config", "deploy/Caddyfile"],
        cwd=ROOT,
        env={**os.environ, "PORTAL_HOSTNAME": "portal.example.org", "PORTAL_SERVERS": "127.0.0.1:8451 127.0.0.1:8452"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"dial":"127.0.0.1:8452"' in done.stdout
