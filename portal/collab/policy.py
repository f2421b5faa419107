"""Who may reach a document: whoever its kind says. This package knows roles, never the reasons for them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from portal.access import allow, found
from portal.collab import kinds
from portal.collab.models import Document, DocVersion
from portal.extensions import db


def role_in(user: Any, document: Document) -> str:
    """One of `kinds.ROLES`."""
    kind = kinds.find(document.kind)
    return kind.role(user, document.id) if kind else "none"


def can_manage(user: Any, document: Document) -> bool:
    """Whether this person may freeze the document, take its text up again and bring back a version."""
    kind = kinds.find(document.kind)
    return kind.may_manage(user, document.id) if kind else False


def access_document(user: Any, document_id: int, to: str = "read") -> tuple[Document, str]:
    """The document and this person's role in it. NotFound when they may not know of it, Forbidden below `to`."""
    document = found(db.session.get(Document, document_id))
    role = role_in(user, document)
    found(role if role != "none" else None)
    allow(kinds.ROLES.index(role) >= kinds.ROLES.index(to))
    return document, role


def access_versions(user: Any, document_id: int) -> Document:
    """The document whose versions this person may see: drafts are for who writes in it or manages it, not for readers.

    NotFound when they may not know of the document, else Forbidden.
    """
    document, role = access_document(user, document_id)
    allow(role == "write" or can_manage(user, document))
    return document


def access_version(user: Any, document_id: int, version_id: int) -> DocVersion:
    """One version, as `access_versions`; NotFound also when it is another document's. `body` is read when asked for."""
    access_versions(user, document_id)
    query = sa.select(DocVersion).where(DocVersion.id == version_id, DocVersion.doc_id == document_id)
    version: DocVersion = found(db.session.scalar(query.options(defer(DocVersion.body))))
    return version


def access_managed(user: Any, document_id: int) -> Document:
    """The document that this person manages. NotFound when they may not know of it, else Forbidden."""
    document, _role = access_document(user, document_id)
    allow(can_manage(user, document))
    return document
