"""What may be asked of documents: how they read, whether they take edits, and which versions of them were kept."""

from portal.collab.queries.keeping import KeptVersion, versions
from portal.collab.queries.texts import Reading, reading, readings
from portal.collab.standings import Standing, standing

__all__ = ["KeptVersion", "Reading", "Standing", "reading", "readings", "standing", "versions"]
