"""One round over what is due, a transaction a document."""

from __future__ import annotations

import structlog

from portal.collab.applying import Apply, apply
from portal.collab.reader.due import due_documents
from portal.collab.reader.readings import read_document
from portal.collab.reader.setbacks import Setbacks
from portal.transaction import rollback

log = structlog.get_logger(__name__)


def read_due(*, apply: Apply = apply, setbacks: Setbacks | None = None, now_please: bool = False) -> int:
    """Read what is due, one transaction a document; with `now_please` everything that is behind. Returns how many.

    A document that cannot be applied is noted in `setbacks` and the others go on.
    """
    setbacks = setbacks or Setbacks()
    count = 0
    for due in due_documents(now_please):
        if setbacks.blocks(due.document_id):
            continue
        try:
            read_document(due, apply=apply)
        except BaseException as error:  # a Rust panic is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            rollback()
            setbacks.note(due.document_id)
            log.error("document_not_read", document_id=due.document_id, error=f"{type(error).__name__}: {error}"[:500])
            continue
        setbacks.clear(due.document_id)
        count += 1
    return count
