"""The verbs of documents. Rights were asked before; the edge commits."""

from __future__ import annotations

from portal.collab.actions.daily import due_for_daily, keep_daily
from portal.collab.actions.documents import create_document
from portal.collab.actions.erasure import forget_person, hold_documents_of
from portal.collab.actions.freezing import freeze, unfreeze
from portal.collab.actions.quarantine import forget_quarantined, mark_readable, mark_unreadable, quarantine
from portal.collab.actions.rescues import (
    DECISIONS,
    HandedIn,
    decide_rescue,
    forget_decided_rescues,
    hand_in,
    read_handed_in,
)
from portal.collab.actions.restoring import FrozenError, UnreadError, restore
from portal.collab.actions.rights import rights_changed
from portal.collab.actions.trimming import due_for_trimming, forget_numbers, trim
from portal.collab.actions.versions import keep_version

__all__ = [
    "DECISIONS",
    "FrozenError",
    "HandedIn",
    "UnreadError",
    "create_document",
    "decide_rescue",
    "due_for_daily",
    "due_for_trimming",
    "forget_decided_rescues",
    "forget_numbers",
    "forget_person",
    "forget_quarantined",
    "freeze",
    "hand_in",
    "hold_documents_of",
    "keep_daily",
    "keep_version",
    "mark_readable",
    "mark_unreadable",
    "quarantine",
    "read_handed_in",
    "restore",
    "rights_changed",
    "trim",
    "unfreeze",
]
