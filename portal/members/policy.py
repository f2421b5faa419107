"""Who may see and do what with organisations, their people, officers and enquiries."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.access import allow, found
from portal.accounts.models import Invitation, User
from portal.extensions import db
from portal.members.models import Enquiry, Membership, Organisation

KINDS = ("leader", "colleague")  # of invitations into an organisation

OrganisationRule = Callable[[User, Organisation], bool]


def is_officer(user: User) -> bool:
    return bool(user.is_authenticated and user.is_officer)


def leads(user: User, organisation: Organisation) -> bool:
    """Leaders and deputies speak as their organisation."""
    if not user.is_authenticated:
        return False
    return any(held.leads and held.organisation_id == organisation.id for held in user.current_memberships)


def can_see_people(user: User) -> bool:
    """The people behind an organisation are for members; an associate sees its public fields only."""
    return bool(user.is_authenticated and (user.is_member or user.is_officer))


def can_invite(user: User, organisation: Organisation) -> bool:
    """Who brings colleagues in. An officer of another organisation invites its leader only."""
    return leads(user, organisation)


def can_invite_leader(user: User, organisation: Organisation) -> bool:
    return is_officer(user)


def invitable_roles(user: User, organisation: Organisation) -> tuple[str, ...]:
    """What `user` may invite people to be here; empty for most."""
    roles = ("colleague", "deputy") if can_invite(user, organisation) else ()
    return (*roles, "leader") if can_invite_leader(user, organisation) else roles


def can_invite_anybody(user: User, organisation: Organisation) -> bool:
    return bool(invitable_roles(user, organisation))


def can_edit_organisation(user: User, organisation: Organisation) -> bool:
    return leads(user, organisation)


def can_create_organisation(user: User) -> bool:
    return is_officer(user)


def can_end_membership(user: User, membership: Membership) -> bool:
    """A deputy ends colleagues; a leader ends anybody of the organisation, themselves included."""
    if not membership.is_current or not leads(user, membership.organisation):
        return False
    return membership.role != "leader" or is_leader(user, membership.organisation)


def is_leader(user: User, organisation: Organisation) -> bool:
    return any(held.role == "leader" and held.organisation_id == organisation.id for held in user.current_memberships)


def can_read_enquiries(user: User) -> bool:
    return is_officer(user)


def visible_organisations(user: User) -> sa.Select[Organisation]:
    """Every member of the network: the directory is public. Those that left are not in it."""
    return sa.select(Organisation).where(Organisation.left_at.is_(None))


def access_organisation(user: User, slug: str, to: OrganisationRule | None = None) -> Organisation:
    """The organisation at this address. Raises NotFound, or Forbidden when `to` says no."""
    organisation: Organisation = found(db.session.scalar(visible_organisations(user).where(Organisation.slug == slug)))
    if to is not None:
        allow(to(user, organisation))
    return organisation


def visible_memberships(user: User) -> sa.Select[Membership]:
    """People with their roles: nobody's for those who may not see people."""
    query = sa.select(Membership).join(Membership.organisation).where(Organisation.left_at.is_(None))
    return query if can_see_people(user) else query.where(sa.false())


def access_membership(
    user: User, membership_id: int, to: Callable[[User, Membership], bool] | None = None
) -> Membership:
    """One person's role. Raises NotFound, or Forbidden when `to` says no."""
    query = visible_memberships(user).where(Membership.id == membership_id)
    membership: Membership = found(
        db.session.scalar(query.options(joinedload(Membership.user), joinedload(Membership.organisation)))
    )
    if to is not None:
        allow(to(user, membership))
    return membership


def visible_invitations(user: User, organisation: Organisation) -> sa.Select[Invitation]:
    """Open invitations into the organisation, for those who may send such ones themselves."""
    return sa.select(Invitation).where(
        Invitation.kind.in_(KINDS),
        Invitation.subject_id == organisation.id,
        Invitation.role.in_(invitable_roles(user, organisation)),
        Invitation.accepted_at.is_(None),
        Invitation.voided_at.is_(None),
    )


def access_invitation(user: User, organisation: Organisation, invitation_id: int) -> Invitation:
    """One open invitation into the organisation. Raises NotFound."""
    query = visible_invitations(user, organisation).where(Invitation.id == invitation_id)
    invitation: Invitation = found(db.session.scalar(query))
    return invitation


def visible_enquiries(user: User) -> sa.Select[Enquiry]:
    """Officers read what its sender confirmed; nobody reads what nobody confirmed."""
    query = sa.select(Enquiry).where(Enquiry.confirmed_at.is_not(None))
    return query if can_read_enquiries(user) else query.where(sa.false())


def access_enquiry(user: User, enquiry_id: int) -> Enquiry:
    """One confirmed enquiry. Raises NotFound."""
    enquiry: Enquiry = found(db.session.scalar(visible_enquiries(user).where(Enquiry.id == enquiry_id)))
    return enquiry
