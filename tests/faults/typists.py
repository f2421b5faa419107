"""Six tabs that type, on the portal's own JavaScript in Node (driver/main.mjs), and what became of their edits."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from itertools import count
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).parent / "driver"
PATIENCE_SECONDS = 90.0


class Driver:
    """The Node process. `ask` raises AssertionError with what went wrong there."""

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node")
        assert node, "node was not found: install Node.js 20 or newer"
        self.log = folder / "driver.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [node, "--import", str(DRIVER / "register.mjs"), str(DRIVER / "main.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )
        self.numbers = count(1)
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self.listening = threading.Thread(target=self._hear, daemon=True)
        self.listening.start()

    def _hear(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.heard.put(json.loads(line))
        self.heard.put({})

    def ask(self, do: str, **details: Any) -> Any:
        """Tell the driver to do it and return its answer."""
        assert self.process.stdin
        number = next(self.numbers)
        assert self.process.poll() is None, f"the tabs ended: {self.log.read_text()[-4000:]}"
        self.process.stdin.write(json.dumps({"id": number, "do": do, **details}) + "\n")
        self.process.stdin.flush()
        try:
            while (heard := self.heard.get(timeout=PATIENCE_SECONDS)).get("id", number) != number:
                pass  # the answer to what was not waited for
        except queue.Empty:
            raise AssertionError(f"the tabs did not answer to {do}: {self.log.read_text()[-2000:]}") from None
        assert "answer" in heard, f"{do}: {heard.get('error') or self.log.read_text()[-4000:]}"
        return heard["answer"]

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.listening.join()
        self.process.stdout.close()
