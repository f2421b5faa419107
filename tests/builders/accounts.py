"""People and organisations."""

from __future__ import annotations

from tests.builders.base import Base


class AccountBuilders(Base):
    """Filled by the accounts and members tests."""
