"""The sample's passwords: random in every instance, in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

FILE = "sample-sign-ins.txt"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike

# Cheap on purpose: the password is random and works on this machine only. The first sign-in hashes it anew.
HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody types to be one of the invented people. `part` says who that is, in a few words."""

    email: str
    password: str
    part: str

    def hashed(self) -> str:
        return HASHER.hash(self.password)


def new_password() -> str:
    """ "k7wd-93tx-hmfe": twelve random letters and figures, about 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def path(instance: str | Path) -> Path:
    return Path(instance) / FILE


def keep(instance: str | Path, sign_ins: Iterable[SignIn]) -> None:
    """Write the file anew, readable by its owner only from its first byte on."""
    rows = [(each.email, each.password, each.part) for each in sign_ins]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {email:<{widths[0]}}  {password:<{widths[1]}}  {part}" for email, password, part in rows]
    fresh = path(instance).with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    fresh.replace(path(instance))


def forget(instance: str | Path) -> None:
    path(instance).unlink(missing_ok=True)
