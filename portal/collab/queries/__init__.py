"""What may be asked of documents: how they read, whether they take edits, and which versions of them were kept."""

from portal.collab.queries.keeping import PAGE, KeptVersion, versions
from portal.collab.queries.rescues import (
    decided_rescues,
    names_of,
    open_rescues,
    own_rescues,
    rescues_by,
    rescues_waiting,
)
from portal.collab.queries.texts import Reading, reading, readings
from portal.collab.standings import OPEN, Standing, standing

__all__ = [
    "OPEN",
    "PAGE",
    "KeptVersion",
    "Reading",
    "Standing",
    "decided_rescues",
    "names_of",
    "open_rescues",
    "own_rescues",
    "reading",
    "readings",
    "rescues_by",
    "rescues_waiting",
    "standing",
    "versions",
]
