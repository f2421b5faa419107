"""Secrets that work as a password: 128 random bits for the person, a SHA-256 for the row."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_BYTES = 16


def fresh() -> str:
    """A new secret, 22 characters that are safe in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is stored of it. It is random, so a fast hash without salt is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(token: str, stored: str) -> bool:
    """Compare in the same time whatever differs."""
    return hmac.compare_digest(digest(token), stored)
