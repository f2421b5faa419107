"""Each thing that can be wrong at the start has its own sentence, and an exit code that is not 0."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import checks
from launcher.environment import ROOT

pytestmark = pytest.mark.any_database


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    """`bin/run`'s inside, with these settings; it is expected to refuse before it starts anything."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "REDIS", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-m", "launcher.supervisor"],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_refused(start(PORTAL_INSTANCE=str(tmp_path), PORTAL_PORT=str(port)), f"Port {port} is taken")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_refused(start(PORTAL_INSTANCE=str(tmp_path / "file" / "instance")), "cannot be written")


def test_a_folder_in_which_another_portal_runs(tmp_path: Path) -> None:
    checks.take_folder(tmp_path)
    assert_refused(start(PORTAL_INSTANCE=str(tmp_path), PORTAL_PORT="8462"), "Another portal runs in the folder")


def test_a_dead_redis(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    done = start(PORTAL_INSTANCE=str(tmp_path), PORTAL_PORT="8463", REDIS_URL=f"redis://127.0.0.1:{port}")
    assert_refused(done, f"No Redis answers at 127.0.0.1:{port}")


def test_a_port_that_is_no_number(tmp_path: Path) -> None:
    assert_refused(start(PORTAL_INSTANCE=str(tmp_path), PORTAL_PORT="http"), "PORTAL_PORT is 'http'")


def test_an_old_python(tmp_path: Path) -> None:
    """The script that looks for a Python, on a machine that has only an old one."""
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\n')
    old.chmod(0o755)
    command = f". {ROOT}/bin/lib/python.sh; find_python"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_settings_that_do_not_fit_are_a_sentence_for_every_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"],
        cwd=ROOT,
        env={"PORTAL_ENV": "production", "PORTAL_INSTANCE": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(done, "The settings do not fit: Production needs PORTAL_ORIGIN")
