"""What the worker does for this domain: it forgets what nobody confirmed."""

from __future__ import annotations

from portal.jobs import schedule
from portal.members import actions
from portal.transaction import commit


@schedule.every(minutes=30)
def forget_unconfirmed_enquiries() -> None:
    """Names and texts whose sender never confirmed them do not stay with us."""
    actions.forget_unconfirmed_enquiries()
    commit()
