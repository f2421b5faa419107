"""The verbs of documents. Rights were asked before; the edge commits."""

from __future__ import annotations

from portal.collab.actions.documents import create_document
from portal.collab.actions.freezing import freeze, unfreeze
from portal.collab.actions.restoring import FrozenError, UnreadError, restore
from portal.collab.actions.rights import rights_changed
from portal.collab.actions.versions import keep_version

__all__ = [
    "FrozenError",
    "UnreadError",
    "create_document",
    "freeze",
    "keep_version",
    "restore",
    "rights_changed",
    "unfreeze",
]
