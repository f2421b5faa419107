"""Who may reach a document: whoever its kind says. This package knows roles, never the reasons for them."""

from __future__ import annotations

from typing import Any

from portal.access import allow, found
from portal.collab import kinds
from portal.collab.models import Document
from portal.extensions import db


def role_in(user: Any, document: Document) -> str:
    """One of `kinds.ROLES`."""
    kind = kinds.find(document.kind)
    return kind.role(user, document.id) if kind else "none"


def access_document(user: Any, document_id: int, to: str = "read") -> tuple[Document, str]:
    """The document and this person's role in it. NotFound when they may not know of it, Forbidden below `to`."""
    document = found(db.session.get(Document, document_id))
    role = role_in(user, document)
    found(role if role != "none" else None)
    allow(kinds.ROLES.index(role) >= kinds.ROLES.index(to))
    return document, role
