"""`bin/ci`: everything about the code that can be judged without using the portal."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from launcher.environment import ROOT
from launcher.tests import install_node_packages
from launcher.words import Refusal

PYTHON = sys.executable
CHECKS: dict[str, list[str]] = {
    "ruff": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import contracts": [str(Path(PYTHON).with_name("lint-imports")), "--no-cache"],
    "migrations": [PYTHON, "-m", "pytest", "tests/migrations", "-p", "no:cacheprovider"],
    "vendored bundles": ["bin/vendor", "--check"],
}


def main() -> int:
    """Run every check, also after one failed; the exit code is 0 when all are green."""
    try:
        install_node_packages()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    failed = [name for name, command in CHECKS.items() if not is_green(name, command)]
    print(f"bin/ci: {'all green' if not failed else 'failed: ' + ', '.join(failed)}")
    return 1 if failed else 0


def is_green(name: str, command: list[str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=False).returncode  # noqa: S603  # a check above
        print(f"{'ok  ' if code == 0 else 'FAIL'} {time.monotonic() - started:5.0f} s  {name}", flush=True)
        if code != 0:
            output.seek(0)
            os.write(1, output.read())
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
