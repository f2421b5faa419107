"""`bin/bench`: `http` measures pages against a bare Flask answer, `live` shared writing against other servers."""

from __future__ import annotations

import sys

from bench import http
from bench.live import command as live

BENCHMARKS = {"http": http.main, "live": live.main}


def main(arguments: list[str]) -> int:
    """Run the benchmark that was asked for."""
    name = arguments[0] if arguments else ""
    if name not in BENCHMARKS:
        print(f"bin/bench knows: {', '.join(BENCHMARKS)}.")
        return 2
    return BENCHMARKS[name](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
