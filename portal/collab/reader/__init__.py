"""The reader: the only place where documents are applied. Text, counts and state follow the log.

A process of its own (`flask reader`). It may die at any time and two of them are harmless: a reading is stored only
over an older one, a squashed state only over the one it was made from.
"""

from __future__ import annotations

from portal.collab.reader.culprits import UnreadableError
from portal.collab.reader.due import Due
from portal.collab.reader.loop import run
from portal.collab.reader.readings import read_document
from portal.collab.reader.rescues import read_rescues
from portal.collab.reader.rounds import read_due
from portal.collab.reader.setbacks import Setbacks
from portal.collab.reader.versions import read_version, read_versions

__all__ = [
    "Due",
    "Setbacks",
    "UnreadableError",
    "read_document",
    "read_due",
    "read_rescues",
    "read_version",
    "read_versions",
    "run",
]
