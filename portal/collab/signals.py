"""What happens to documents that others may care about."""

from __future__ import annotations

from blinker import signal

document_read = signal("collab.document-read")
"""Sent in the reader's process after it stored a reading, before its commit. Keywords: `document_id`, `counts`
(figures by counting rule). Receivers may write rows, and leave the process through `on_commit`."""
