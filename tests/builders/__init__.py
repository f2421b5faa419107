"""`make.leader("Ana")`: one module a domain, put together here. Each method commits and returns plain ids and values."""

from __future__ import annotations

from tests.builders.accounts import AccountBuilders
from tests.builders.base import Base


class Make(AccountBuilders, Base):
    """Everything that a test may ask to exist."""
