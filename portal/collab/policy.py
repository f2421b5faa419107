"""Who may reach a document: whoever its kind says. This package knows roles, never the reasons for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from portal.access import allow, found
from portal.collab import kinds
from portal.collab.losses import is_recent
from portal.collab.models import DocRescue, Document, DocVersion
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


def version_of(document: Document, version_id: int) -> DocVersion:
    """A version of a document that `access_versions` or `access_managed` gave, without its `body`. Raises NotFound."""
    query = sa.select(DocVersion).where(DocVersion.id == version_id, DocVersion.doc_id == document.id)
    version: DocVersion = found(db.session.scalar(query.options(defer(DocVersion.body))))
    return version


def access_managed(user: Any, document_id: int) -> Document:
    """The document that this person manages. NotFound when they may not know of it, else Forbidden."""
    document, _role = access_document(user, document_id)
    allow(can_manage(user, document))
    return document


def access_handing_in(user: Any, document_id: int) -> tuple[Document, str, datetime | None]:
    """The document for which this person may hand in words: their role now, and when they last lost the right to write.

    For who writes in it, and for who could until lately: NotFound for others who may not know of it, also for who lost
    it longer ago; Forbidden for who only ever read.
    """
    document = found(db.session.get(Document, document_id))
    kind = found(kinds.find(document.kind))
    role, lost_at = kind.role(user, document.id), kind.lost_write_at(user.id, document.id)
    if role == "none":
        found(lost_at if is_recent(lost_at) else None)
    allow(role == "write" or lost_at is not None)
    return document, role, lost_at


def access_rescue(user: Any, document_id: int, rescue_id: int) -> DocRescue:
    """One rescue that was read, for who may write in its document. NotFound, also when it is another document's."""
    document, _role = access_document(user, document_id, to="write")
    query = sa.select(DocRescue).where(
        DocRescue.id == rescue_id, DocRescue.doc_id == document.id, DocRescue.read_at.is_not(None)
    )
    rescue: DocRescue = found(db.session.scalar(query.options(defer(DocRescue.body))))
    return rescue


def access_own_rescue(user: Any, rescue_id: int) -> DocRescue:
    """What this person handed in themselves, whether they may see the document or not. Raises NotFound."""
    query = sa.select(DocRescue).where(DocRescue.id == rescue_id, DocRescue.user_id == user.id)
    rescue: DocRescue = found(db.session.scalar(query.options(defer(DocRescue.body))))
    return rescue


def place_if_visible(user: Any, document_id: int) -> kinds.Place | None:
    """Where the document stands, or None for who may not see it (any more)."""
    document = db.session.get(Document, document_id)
    kind = kinds.find(document.kind) if document is not None else None
    if document is None or kind is None or kind.role(user, document.id) == "none":
        return None
    return kind.place(document.id)
