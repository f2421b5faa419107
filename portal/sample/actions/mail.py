"""Invented addresses get no mail."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from portal.extensions import db
from portal.jobs import Job


def forget_mail(addresses: Collection[str]) -> None:
    """Take back what is queued for these addresses, sent or not."""
    rows = db.session.execute(sa.select(Job.id, Job.payload).where(Job.kind == "mail"))
    doomed = [job_id for job_id, payload in rows if payload.get("to") in addresses]
    db.session.execute(sa.delete(Job).where(Job.id.in_(doomed)))
