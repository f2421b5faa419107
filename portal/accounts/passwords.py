"""Passwords: argon2id off the event loop, few at once, never inside a transaction; and which ones are too easy.

Measured: one hash at 64 MiB keeps a core for about 0.3 s. Two run at once, a few wait, the rest are told to
come back, so that a storm of guesses cannot take the portal's memory.
"""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app

from portal.config import Settings
from portal.extensions import db

T = TypeVar("T")

AT_ONCE = 2
WAITING = 16
PATIENCE_SECONDS = 10.0

SHORTEST = 12
LONGEST = 256

# RFC 9106, second recommended option: t=3, p=4, m=64 MiB (the memory is a setting, smaller in tests).
TIME_COST, PARALLELISM, HASH_BYTES, SALT_BYTES = 3, 4, 32, 16

# The long ones of the lists that are tried first; shorter ones are refused by their length.
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())


class HashingBusyError(Exception):
    """Too many people sign in at this moment; the edge answers 503."""


class Hasher:
    """Hashes and checks with one setting of costs; what it can take at once is bounded."""

    def __init__(self, memory_kib: int) -> None:
        self.argon2 = PasswordHasher(
            time_cost=TIME_COST,
            memory_cost=memory_kib,
            parallelism=PARALLELISM,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self.admitted = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self.running = threading.BoundedSemaphore(AT_ONCE)
        # Costs as much to check as a real one and fits no password: for addresses that nobody has.
        self.nobody = (
            f"$argon2id$v=19$m={memory_kib},t={TIME_COST},p={PARALLELISM}${_random(SALT_BYTES)}${_random(HASH_BYTES)}"
        )

    def hash(self, password: str) -> str:
        return self._in_turn(lambda: self.argon2.hash(normal(password)))

    def verify(self, password: str, stored: str | None) -> bool:
        def check() -> bool:
            try:
                return self.argon2.verify(stored or self.nobody, normal(password))
            except (VerificationError, InvalidHashError):
                return False

        return self._in_turn(check)

    def _in_turn(self, work: Callable[[], T]) -> T:
        if db.session.registry.has() and db.session().in_transaction():
            raise RuntimeError("a transaction is open: SQLite's one writer would wait for this hash")
        if not self.admitted.acquire(blocking=False):
            raise HashingBusyError
        try:
            if not self.running.acquire(timeout=PATIENCE_SECONDS):
                raise HashingBusyError
            try:
                return _off_the_loop(work)
            finally:
                self.running.release()
        finally:
            self.admitted.release()


def init_app(app: Flask, settings: Settings) -> None:
    """Give the application its hasher."""
    app.extensions["passwords"] = Hasher(settings.argon2_memory_kib)


def hash_password(password: str) -> str:
    """The argon2id string to store. Raises HashingBusyError; RuntimeError inside a transaction."""
    hasher: Hasher = current_app.extensions["passwords"]
    return hasher.hash(password)


def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one of `stored`; None (nobody, or no password yet) takes as long and is never right.

    Raises HashingBusyError; RuntimeError inside a transaction.
    """
    hasher: Hasher = current_app.extensions["passwords"]
    return hasher.verify(password, stored)


def needs_rehash(stored: str) -> bool:
    """Whether it was made at other costs than today's."""
    hasher: Hasher = current_app.extensions["passwords"]
    return hasher.argon2.check_needs_rehash(stored)


def normal(password: str) -> str:
    """One spelling for what looks the same: keyboards differ in how they compose letters (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def is_too_easy(password: str, *, name: str = "", email: str = "") -> bool:
    """Whether it would be among the first that somebody tries: a common one, or the person's own name or address."""
    bare = _bare(password)
    own = {_bare(name), _bare(email), _bare(email.partition("@")[0])} - {""}
    stem = bare.rstrip("0123456789!?.")
    return bare in COMMON or stem in COMMON or len(set(bare)) < 5 or bare in own or stem in own


def _bare(text: str) -> str:
    return "".join(normal(text).casefold().split())


def _random(length: int) -> str:
    return b64encode(os.urandom(length)).decode().rstrip("=")


def _off_the_loop(work: Callable[[], T]) -> T:
    """Under gevent in a real thread, so that other people's requests go on; argon2 lets go of the interpreter."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work()
    import gevent  # noqa: PLC0415  # loaded already, or this line is not reached

    result: T = gevent.get_hub().threadpool.apply(work)
    return result
