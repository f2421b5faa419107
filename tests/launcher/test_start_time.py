"""The second start is quick because nothing is installed, nothing is prepared, and little is imported."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import environment
from launcher.environment import ROOT

pytestmark = pytest.mark.any_database


def cpu_seconds(code: str, folder: Path) -> float:
    """Processor time of one interpreter that runs `code`; unlike the clock it hardly notices other work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PORTAL_INSTANCE": str(folder), "PATH": ""}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# python-socketio imports these where they are, which is where tests run, not where `bin/run` does.
AS_INSTALLED = "import sys; sys.modules.update(dict.fromkeys(('requests', 'websocket', 'valkey'))); import wsgi"


@pytest.mark.processes  # that part runs one test at a time: a neighbour on the same core makes processor time dearer
def test_the_portal_is_imported_in_less_than_nine_tenths_of_a_second(tmp_path: Path) -> None:
    cpu_seconds(AS_INSTALLED, tmp_path)  # the first one writes byte code
    assert min(cpu_seconds(AS_INSTALLED, tmp_path) for _ in range(5)) < 0.9


NOT_NEEDED_BY_A_PAGE = (
    ("sqlalchemy.dialects.postgresql", "with SQLite"),
    ("markdown_it", "until somebody writes"),
    ("email_validator", "until somebody sends a form with an address"),
)


def test_what_few_processes_need_is_not_imported_at_start(tmp_path: Path) -> None:
    """Which milliseconds were saved, so that an import that creeps back in is named."""
    code = f"{AS_INSTALLED}; print(*sys.modules)"
    environment = {"PORTAL_INSTANCE": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "portal.boards.views" in loaded, "need the whole portal"
    assert {name for name, _ in NOT_NEEDED_BY_A_PAGE} & loaded == set()


def test_pip_is_not_called_when_the_noted_hash_is_that_of_the_requirements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(environment, "install", lambda python, requirements: calls.append(requirements))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    (tmp_path / "requirements.txt").write_text("flask==1")

    environment.ensure("requirements.txt")
    environment.ensure("requirements.txt")
    assert calls == ["requirements.txt"]

    (tmp_path / "requirements.txt").write_text("flask==2")
    environment.ensure("requirements.txt")
    assert calls == ["requirements.txt"] * 2


def test_the_garbage_collector_passes_over_what_was_imported(tmp_path: Path) -> None:
    """It costs a tenth of the start, and long pauses later; afterwards it works as ever."""
    code = "import gc, wsgi; print(gc.get_freeze_count() > 50_000, gc.isenabled())"
    environment = {"PORTAL_INSTANCE": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["True", "True"]
