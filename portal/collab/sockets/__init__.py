"""The namespace `/doc` (`protocol` has every message): limits first, then shape, then rights, then the writer.

The handlers are bare: each opens the contexts that it needs, and an edit needs none. They register on import.
"""

from __future__ import annotations

from portal.collab.sockets.carets import note_presence
from portal.collab.sockets.editing import edit
from portal.collab.sockets.engines import bind
from portal.collab.sockets.lines import close
from portal.collab.sockets.opening import open_document

__all__ = ["bind", "close", "edit", "note_presence", "open_document"]
