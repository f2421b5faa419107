"""What happens in lower domains that changes something here, or that the officers should know."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal import mail
from portal.accounts.models import User
from portal.accounts.signals import person_erased
from portal.clock import utcnow
from portal.collab.signals import document_quarantined, document_unreadable
from portal.members import actions, queries


@person_erased.connect
def _forget(user: User, *, address: str, **_more: Any) -> None:
    """Roles and offices end, and what they once wrote from outside goes."""
    actions.forget_person(user, address=address)


@document_quarantined.connect
def _mail_quarantine(_sender: Any, *, document_id: int, count: int) -> None:
    _mail_officers("quarantined", gettext("Changes to a shared text were taken out"), document_id, count=count)


@document_unreadable.connect
def _mail_unreadable(_sender: Any, *, document_id: int) -> None:
    _mail_officers("unreadable", gettext("A shared text cannot be read"), document_id)


def _mail_officers(what: str, subject: str, document_id: int, **context: Any) -> None:
    """Once a document and day. Officers see no application: nothing of the text, nor where it is."""
    for term in queries.officers():
        if term.user is None:  # they have no account yet
            continue
        mail.send(
            to=term.user.email,
            name=term.user.name,
            subject=subject,
            template=f"members/document_{what}.txt",
            key=f"document-{what}:{document_id}:{utcnow():%Y-%m-%d}:{term.user_id}",
            reader=term.user,
            document_id=document_id,
            **context,
        )
