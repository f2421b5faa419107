"""What a link by mail opens here: a place on one application's team, once the inviter has seen who accepted."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from portal.accounts.invitations import InvitationKind
from portal.accounts.models import Invitation, User
from portal.applications import actions, policy
from portal.applications.models import Application
from portal.applications.policy import organisation_ids
from portal.members.models import Organisation


def _application(invitation: Invitation) -> Application | None:
    """The application, while the inviter still has the right to bring people in; None otherwise."""
    if invitation.invited_by is None or invitation.subject_id is None:
        return None
    return policy.find_application(invitation.invited_by, invitation.subject_id, to=policy.can_add_people)


def describe(invitation: Invitation) -> str:
    application = _application(invitation)
    title = application.title if application else gettext("a funding application")
    return str(gettext("write in the funding application “%(title)s”", title=title))


def is_valid(invitation: Invitation) -> bool:
    return _application(invitation) is not None


def accept(invitation: Invitation, user: User) -> str:
    """Give the person a place that waits for the inviter. They land on their applications, which say so."""
    application = _application(invitation)
    inviter = invitation.invited_by
    if application is None or inviter is None:
        return url_for("applications.index")
    organisation, is_guest = _stands_for(user, application, inviter)
    place = actions.await_confirmation(
        application,
        user,
        organisation=organisation,
        is_guest=is_guest,
        role=invitation.role if invitation.role in policy.roles_to_offer(inviter, application) else "reader",
        by=inviter,
    )
    if place.is_active:
        return url_for("applications.show", application_id=application.id)
    return url_for("applications.index")


def _stands_for(user: User, application: Application, inviter: User) -> tuple[Organisation | None, bool]:
    """The partner that the person belongs to; else a guest of the organisation that invited them."""
    belongs = organisation_ids(user)
    for partner in application.partners:
        if partner.state == "accepted" and partner.organisation_id in belongs:
            return partner.organisation, False
    place = policy.participant_of(inviter, application)
    return (place.organisation if place else application.lead_organisation), True


APPLICATION = InvitationKind(describe=describe, accept=accept, is_valid=is_valid)
