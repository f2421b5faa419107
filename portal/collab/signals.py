"""What happens to documents that others may care about."""

from __future__ import annotations

from blinker import signal

document_read = signal("collab.document-read")
"""Sent after a reading was stored (by the reader's process, or with a version that is restored), before the commit.
Keywords: `document_id`, `counts` (figures by counting rule). As with every signal here, receivers may write rows, and
leave the process through `on_commit`."""

version_kept = signal("collab.version-kept")
"""Somebody named a version, in the transaction that keeps it. Keywords: `document_id`, `by`, `version`."""

document_frozen = signal("collab.document-frozen")
"""Somebody froze the document. Keywords: `document_id`, `by`, `version` (not read yet: `version_read` follows)."""

document_unfrozen = signal("collab.document-unfrozen")
"""Edits are taken again. Keywords: `document_id`, `by`."""

version_restored = signal("collab.version-restored")
"""A version took the document's place. Keywords: `document_id`, `by`, `version`, `replaced` (the version kept of what
stood there)."""

version_read = signal("collab.version-read")
"""The reader's process made text, counts and hash of a version. Keywords: `document_id`, `version_id`, `kind`: for a
"frozen" one the document is frozen now, where it was freezing."""

document_quarantined = signal("collab.document-quarantined")
"""Updates that could not be applied, or that wait in vain, were taken out of the log; the text is rebuilt without them.
Sent in the reader's process. Keywords: `document_id`, `count`."""

document_unreadable = signal("collab.document-unreadable")
"""A document cannot be read at all: its last reading is shown, nobody may write. Sent when that begins, in the reader's
process. Keyword: `document_id`."""

rescues_changed = signal("collab.rescues-changed")
"""Words that came too late were read and wait for an editor, or one decided about them. Keyword: `document_id`."""
