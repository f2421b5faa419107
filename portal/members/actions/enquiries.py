"""A message from outside: kept, confirmed from the sender's own mail, read by an officer."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from portal import audit, mail
from portal.accounts import tokens
from portal.accounts.models import User
from portal.clock import utcnow
from portal.extensions import db
from portal.members import signals
from portal.members.models import Enquiry

CONFIRM_WITHIN = timedelta(days=7)


def submit_enquiry(*, kind: str, name: str, email: str, organisation: str, message: str) -> Enquiry:
    """Keep what somebody wrote and mail them the link that confirms it; nobody reads it before that."""
    token = tokens.fresh()
    enquiry = Enquiry(
        kind=kind,
        name=name,
        email=email,
        organisation=organisation,
        message=message,
        token_hash=tokens.digest(token),
        expires_at=utcnow() + CONFIRM_WITHIN,
    )
    db.session.add(enquiry)
    db.session.flush()
    mail.send(
        to=email,
        name=name,
        subject=_("Please confirm your message to the network"),
        template="members/enquiry_confirm.txt",
        key=f"enquiry:{enquiry.token_hash}",
        enquiry=enquiry,
        path=url_for("members.ask_to_confirm", token=token),
    )
    return enquiry


def confirm_enquiry(enquiry: Enquiry) -> None:
    """Hand it to the officers. A second press changes nothing."""
    if enquiry.confirmed_at is not None:
        return
    enquiry.confirmed_at = utcnow()
    signals.enquiry_confirmed.send(enquiry)


def mark_enquiry_read(enquiry: Enquiry, *, by: User) -> None:
    """Say who took it, and when. The first officer stays: the second learns that it is in hand."""
    if enquiry.read_at is not None:
        return
    enquiry.read_at, enquiry.read_by = utcnow(), by
    audit.record("enquiry_read", by=by, about=enquiry)


def forget_unconfirmed_enquiries() -> int:
    """Delete those whose link ran out a day ago; until then it says so to whoever opens it. Returns how many."""
    late = sa.and_(Enquiry.confirmed_at.is_(None), Enquiry.expires_at < utcnow() - timedelta(days=1))
    return len(db.session.scalars(sa.delete(Enquiry).where(late).returning(Enquiry.id)).all())
