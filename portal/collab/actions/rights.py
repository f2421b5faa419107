"""What somebody may do with a document became another thing: by their right in it, by a lock, by an unreadable log."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from portal.collab.engine import engine
from portal.collab.log import locked_heads
from portal.collab.models import DocHead
from portal.extensions import db
from portal.transaction import on_commit


def rights_changed(document_ids: Iterable[int]) -> None:
    """Say, in the transaction that changes rights, that everybody in these documents must be judged anew.

    From the commit on nothing is accepted from who lost the right; within a second they hear nothing more. Tabs are
    told of a changed right and of another standing (`queries.standing`).
    """
    changed = sorted(set(document_ids))
    if not changed:
        return
    locked_heads(set(changed))  # in the order in which writers lock them, which an update of several does not keep to
    bump = sa.update(DocHead).where(DocHead.doc_id.in_(changed)).values(rights_seq=DocHead.rights_seq + 1)
    db.session.execute(bump, execution_options={"synchronize_session": False})
    on_commit(engine().rights_changed, changed)
