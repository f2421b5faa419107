"""The invitations of this domain: to be an officer, to lead an organisation, to belong to one."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal.accounts.invitations import InvitationKind, kinds
from portal.accounts.models import Invitation, User
from portal.extensions import db
from portal.members import actions, policy
from portal.members.models import Organisation


def init_app() -> None:
    """Tell accounts what such an invitation says, who may still send it, and what it opens."""
    kinds.fill("officer", InvitationKind(describe_office, accept_office, may_name_officers))
    kinds.fill("leader", InvitationKind(describe_membership, accept_membership, may_invite))
    kinds.fill("colleague", InvitationKind(describe_membership, accept_membership, may_invite))


def describe_office(invitation: Invitation) -> str:
    return str(_("be an officer of the network"))


def may_name_officers(invitation: Invitation) -> bool:
    """The first officer is invited from the server's command line, by nobody in the database."""
    return invitation.invited_by is None or policy.is_officer(invitation.invited_by)


def accept_office(invitation: Invitation, user: User) -> str:
    actions.start_officer_term(user, named=invitation.name, by=invitation.invited_by)
    return "/"


def describe_membership(invitation: Invitation) -> str:
    name = _organisation(invitation).name
    if invitation.role == "leader":
        return str(_("lead %(organisation)s in the network", organisation=name))
    if invitation.role == "deputy":
        return str(_("join %(organisation)s as deputy leader", organisation=name))
    return str(_("join %(organisation)s as a colleague", organisation=name))


def may_invite(invitation: Invitation) -> bool:
    """Void as soon as the inviter lost the right, or the organisation left."""
    organisation, inviter = _organisation(invitation), invitation.invited_by
    if organisation.left_at is not None or inviter is None or inviter.is_suspended:
        return False
    return invitation.role in policy.invitable_roles(inviter, organisation)


def accept_membership(invitation: Invitation, user: User) -> str:
    organisation = _organisation(invitation)
    actions.start_membership(organisation, user, role=invitation.role, by=invitation.invited_by)
    return url_for("members.show", slug=organisation.slug)


def _organisation(invitation: Invitation) -> Organisation:
    """Not through the policy: who holds the link may read the name, and organisations are never deleted."""
    organisation: Organisation = db.session.get_one(Organisation, invitation.subject_id)
    return organisation
