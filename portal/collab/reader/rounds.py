"""One round over what is due, a transaction a document."""

from __future__ import annotations

from dataclasses import replace

import structlog

from portal.collab.applying import Apply, apply
from portal.collab.reader.due import Due, due_documents
from portal.collab.reader.mending import give_up_waiting, mend
from portal.collab.reader.readings import NotAppliedError, read_document
from portal.collab.reader.setbacks import Setbacks
from portal.transaction import rollback

log = structlog.get_logger(__name__)


def read_due(*, apply: Apply = apply, setbacks: Setbacks | None = None, now_please: bool = False) -> int:
    """Read what is due, one transaction a document; with `now_please` everything that is behind. Returns how many.

    A document that cannot be applied is mended (`mending`), or noted in `setbacks` while the others go on.
    """
    setbacks = setbacks or Setbacks()
    count = 0
    for due in due_documents(now_please):
        if setbacks.blocks(due.document_id):
            continue
        if due.wants_state and setbacks.blocks(_squashing(due)):
            if not due.is_unread:
                continue
            due = replace(due, wants_state=False)  # noqa: PLW2901  # its text is read all the same
        try:
            is_read = _read(due, apply, setbacks)
        except Exception as error:
            rollback()
            _note(due, setbacks, error)
            continue
        if is_read:
            setbacks.clear(due.document_id)
            count += 1
    return count


def _squashing(due: Due) -> tuple[str, int]:
    return ("squashing", due.document_id)


def _read(due: Due, apply: Apply, setbacks: Setbacks) -> bool:
    try:
        stored, applied = read_document(due, apply=apply)
    except NotAppliedError as error:
        rollback()
        if mend(due.document_id, error.stored, error.tail, apply=apply):
            setbacks.clear(due.document_id)  # where more is wrong the search goes on soon
        else:
            if not due.wants_state:
                raise
            due = replace(due, wants_state=False)  # perhaps only the state does not read back: the former one stays
            setbacks.note(_squashing(due))
        stored, applied = read_document(due, apply=apply)
    if applied.waiting and give_up_waiting(due.document_id, stored, applied.waiting):
        read_document(due, apply=apply)
    elif due.wants_state and applied.state is None:
        setbacks.note(_squashing(due))
    elif applied.state is not None:
        setbacks.clear(_squashing(due))
    return True


def _note(due: Due, setbacks: Setbacks, error: Exception) -> None:
    if setbacks.note(due.document_id):  # said once, not at every try
        log.error("document_not_read", document_id=due.document_id, error=f"{type(error).__name__}: {error}"[:500])
