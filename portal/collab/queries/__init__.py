"""What may be asked of documents: how they read, and which versions of them were kept."""

from portal.collab.queries.texts import Reading, reading, readings

__all__ = ["Reading", "reading", "readings"]
