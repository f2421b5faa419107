"""When a log cannot be applied: find out why, take that out, or say that the document cannot be read."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import g

from portal.clock import utcnow
from portal.collab import actions
from portal.collab.actions.quarantine import Taken
from portal.collab.applying import Apply
from portal.collab.models import DocQuarantine, DocUpdate
from portal.collab.reader.culprits import GIVEN_UP, Culprit, UnreadableError, find_culprits
from portal.collab.reader.states import Stored
from portal.extensions import db
from portal.transaction import commit, rollback

PATIENCE = timedelta(hours=24)  # a part that did not come by then does not come


def mend(document_id: int, stored: Stored, tail: list[bytes], *, apply: Apply) -> bool:
    """After the log failed. True when something was taken out of it: read it again. Commits.

    A document in which nothing can be found is marked unreadable, unless all went well this time or it can be read
    and only not be squashed.
    """
    try:
        found = find_culprits(stored.body, tail, apply)
    except UnreadableError as error:
        g.is_reading = False
        if not _reads(stored, tail, apply):
            actions.mark_unreadable(document_id, str(error), epoch=stored.epoch, state_seq=stored.seq)
            commit()
        return False
    return bool(found) and _take_out(document_id, stored, found)


def _reads(stored: Stored, tail: list[bytes], apply: Apply) -> bool:
    try:
        apply(stored.body, tail, False)
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return False
    return True


def give_up_waiting(document_id: int, stored: Stored, waiting: tuple[int, ...]) -> bool:
    """Take out what waits for a part that cannot come, so that the rest can be squashed. True when there was some.

    After a day; at once where it stands on a text that ended with a quarantine: no tab holds the missing part.
    """
    places = {stored.seq + 1 + place: place for place in waiting}
    ended_at = db.session.scalar(
        sa.select(sa.func.max(DocQuarantine.found_at)).where(DocQuarantine.doc_id == document_id)
    )
    limit: datetime = max(utcnow() - PATIENCE, ended_at or utcnow() - PATIENCE)
    overdue = sa.select(DocUpdate.seq).where(
        DocUpdate.doc_id == document_id, DocUpdate.seq.in_(places), DocUpdate.at <= limit
    )
    found = {places[seq]: GIVEN_UP for seq in db.session.scalars(overdue)}
    rollback()
    return bool(found) and _take_out(document_id, stored, found)


def _take_out(document_id: int, stored: Stored, found: dict[int, Culprit]) -> bool:
    g.is_reading = False
    taken = {
        stored.seq + 1 + place: Taken(culprit.instead, culprit.error, culprit.is_poison)
        for place, culprit in found.items()
    }
    is_done = actions.quarantine(document_id, taken, epoch=stored.epoch, state_seq=stored.seq)
    commit()
    return is_done
