"""The texts of the sample, from the files beside this module."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"


def read(name: str) -> dict[str, Any]:
    """One file: "people", "boards" or "application"."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
