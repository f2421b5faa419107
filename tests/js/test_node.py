"""Runs the browser modules' own tests, which Node's test runner finds beside this file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def test_browser_modules_pass_their_tests_in_node():
    node = shutil.which("node")
    assert node, "node was not found: install Node.js 20 or newer"
    files = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    command = [node, "--import", str(HERE / "register.mjs"), "--test", "--test-reporter=tap", *files]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=HERE, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
