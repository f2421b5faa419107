"""`make.leader("Ana")`: one module a domain. Each method commits and returns objects that stay readable."""

from __future__ import annotations

from tests.builders.accounts import AccountBuilders
from tests.builders.applications import ApplicationBuilders
from tests.builders.base import Base
from tests.builders.boards import BoardBuilders
from tests.builders.members import MemberBuilders


class Make(ApplicationBuilders, BoardBuilders, MemberBuilders, AccountBuilders, Base):
    """Everything that a test may ask to exist."""
