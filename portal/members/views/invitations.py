"""Inviting people into an organisation, sending an invitation again, taking it back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.members import actions, policy, queries
from portal.members.forms import InvitationForm
from portal.members.models import Organisation
from portal.members.policy import access_invitation, access_organisation
from portal.members.views.blueprint import bp
from portal.members.views.organisations import organisation_page
from portal.transaction import commit


@bp.post("/members/<slug>/invitations")
def invite(slug: str) -> ResponseReturnValue:
    organisation = access_organisation(current_user, slug, to=policy.can_invite_anybody)
    form = InvitationForm()
    form.offer(policy.invitable_roles(current_user, organisation))
    if not form.validate_on_submit() or _is_here_already(organisation, form):
        return organisation_page(organisation, invitation_form=form, status=422)

    actions.invite_to_organisation(
        organisation, role=form.role.data, name=form.name.data, email=form.email.data, by=current_user
    )
    commit()

    flash(_("We have sent an invitation to %(email)s.", email=form.email.data), "done")
    return _back_to(organisation)


def _is_here_already(organisation: Organisation, form: InvitationForm) -> bool:
    if not queries.has_role_here(organisation, form.email.data, form.role.data):
        return False
    form.email.errors = [_("Somebody with this address already belongs to %(name)s.", name=organisation.name)]
    return True


@bp.post("/members/<slug>/invitations/<int:invitation_id>/resend")
def resend_invitation(slug: str, invitation_id: int) -> ResponseReturnValue:
    organisation = access_organisation(current_user, slug, to=policy.can_invite_anybody)
    invitation = access_invitation(current_user, organisation, invitation_id)

    actions.resend_invitation(invitation, organisation, by=current_user)
    commit()

    flash(_("We have sent a new link to %(email)s. The old one no longer works.", email=invitation.email), "done")
    return _back_to(organisation)


@bp.post("/members/<slug>/invitations/<int:invitation_id>/void")
def void_invitation(slug: str, invitation_id: int) -> ResponseReturnValue:
    organisation = access_organisation(current_user, slug, to=policy.can_invite_anybody)
    invitation = access_invitation(current_user, organisation, invitation_id)

    actions.void_invitation(invitation, by=current_user)
    commit()

    flash(_("The invitation to %(email)s no longer works.", email=invitation.email), "done")
    return _back_to(organisation)


def _back_to(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("members.show", slug=organisation.slug), 303)
