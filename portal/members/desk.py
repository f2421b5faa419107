"""What this domain puts on an officer's desk."""

from __future__ import annotations

from flask import url_for
from flask_babel import ngettext

from portal.accounts.models import User
from portal.members import policy, queries
from portal.web.slots import WaitingItem, waiting


def init_app() -> None:
    waiting.fill("enquiries", waiting_enquiries, order=40)


def waiting_enquiries(user: User) -> list[WaitingItem]:
    """One line for all enquiries that no officer has read; nothing, and no statement, for anybody else."""
    if not policy.can_read_enquiries(user):
        return []
    unread = queries.unread_enquiries(user)
    if not unread:
        return []
    title = ngettext("%(num)s enquiry to read", "%(num)s enquiries to read", len(unread))
    first = unread[0]
    assert first.confirmed_at is not None  # noqa: S101  # only confirmed ones are visible
    return [WaitingItem(title, url_for("members.enquiries"), first.confirmed_at, who=first.name)]
