"""Who belongs to an organisation, and who holds office."""

from __future__ import annotations

import sqlalchemy as sa

from portal import audit, live
from portal.accounts.models import User
from portal.clock import utcnow
from portal.extensions import db
from portal.members import signals
from portal.members.models import ROLES, Enquiry, Membership, OfficerTerm, Organisation
from portal.transaction import on_commit


class LastLeaderError(Exception):
    """Ending this membership would leave the organisation without a leader."""


def start_membership(organisation: Organisation, user: User, *, role: str, by: User | None) -> Membership:
    """Give `user` this role from today, in place of one that stands below it.

    The same role again, or a lower one, changes nothing: nobody loses a role by opening a link.
    """
    held = next((each for each in user.current_memberships if each.organisation_id == organisation.id), None)
    if held is not None and ROLES.index(held.role) <= ROLES.index(role):
        return held
    membership = Membership(organisation=organisation, user=user, role=role, starts_on=utcnow().date())
    db.session.add(membership)
    if held is not None:
        _end(held, by=by, replaced_by=membership)
    db.session.flush()
    audit.record("membership_started", by=by, about=membership, user_id=user.id, role=role)
    signals.membership_started.send(membership)
    return membership


def end_membership(membership: Membership, *, by: User) -> None:
    """End a role now: what it gave is gone with the commit, and the person's open pages ask again.

    Raises LastLeaderError when nobody else leads the organisation.
    """
    if not membership.is_current:
        return
    if membership.role == "leader" and not _other_leaders(membership):
        raise LastLeaderError
    _end(membership, by=by)


def _end(membership: Membership, *, by: User | None, replaced_by: Membership | None = None) -> None:
    membership.ends_on = utcnow().date()
    db.session.flush()
    audit.record("membership_ended", by=by, about=membership, user_id=membership.user_id, role=membership.role)
    signals.membership_ended.send(membership, replaced_by=replaced_by)
    on_commit(live.disconnect_user, membership.user_id)


def _other_leaders(membership: Membership) -> bool:
    """Asked under the organisation's lock: two leaders who end each other at once must not both succeed."""
    lock = sa.select(Organisation.id).where(Organisation.id == membership.organisation_id).with_for_update()
    db.session.execute(lock)
    others = sa.select(Membership).where(
        Membership.organisation_id == membership.organisation_id,
        Membership.role == "leader",
        Membership.id != membership.id,
    )
    return any(other.is_current for other in db.session.scalars(others.execution_options(populate_existing=True)))


def start_officer_term(user: User, *, named: str, by: User | None) -> OfficerTerm:
    """Put `user` in office from today.

    `named` is the name they were invited under: a term that the network's facts already show under it,
    and that has no account yet, becomes theirs with its title.
    """
    held = next((term for term in user.officer_terms if term.is_current), None)
    if held is not None:
        return held
    term = _unclaimed_term(named) or OfficerTerm(person_name=user.name)
    term.user, term.starts_on = user, utcnow().date()
    db.session.add(term)
    db.session.flush()
    audit.record("officer_term_started", by=by, about=term, user_id=user.id)
    return term


def _unclaimed_term(name: str) -> OfficerTerm | None:
    query = sa.select(OfficerTerm).where(OfficerTerm.user_id.is_(None), OfficerTerm.person_name == name)
    return next((term for term in db.session.scalars(query) if term.is_current), None)


def forget_person(user: User, *, address: str) -> None:
    """An account is erased: every role and office of it ends today, without a name, and so do its enquiries.

    An organisation may be left without a leader; the officers see that and invite the next one.
    """
    for membership in user.current_memberships:
        _end(membership, by=None)
    today = utcnow().date()
    for term in user.officer_terms:
        term.person_name = user.name
        if term.is_current:
            term.ends_on = today
    theirs = sa.delete(Enquiry).where(sa.func.lower(Enquiry.email) == address.lower())
    db.session.execute(theirs, execution_options={"synchronize_session": False})
    db.session.flush()
