"""People on a team: added, invited by mail, let in, given a role, removed."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import actions as accounts
from portal.applications import actions, policy, queries
from portal.applications.forms import RoleForm
from portal.applications.models import INVITATION_KIND
from portal.applications.policy import access_application, access_invitation, access_participant
from portal.applications.views.blueprint import bp
from portal.applications.views.partners import add_colleague_form, invite_person_form, team_page
from portal.extensions import limiter
from portal.transaction import commit


@bp.post("/<int:application_id>/people")
def add_person(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_add_people)
    colleagues = queries.colleagues_to_add(current_user, application)
    form = add_colleague_form(application, colleagues)
    if not form.validate_on_submit():
        return team_page(application, add_colleague=form), 422
    chosen = next(each for each in colleagues if each.user_id == form.user.data)
    actions.add_person(application, chosen.user, organisation=chosen.organisation, role=form.role.data, by=current_user)
    name = chosen.user.name
    commit()
    flash(_("%(name)s is on the team and has mail.", name=name), "done")
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.post("/<int:application_id>/people/invitations")
@limiter.limit("30/hour")
def invite_person(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_add_people)
    form = invite_person_form(application)
    if not form.validate_on_submit():
        return team_page(application, invite_person=form), 422
    accounts.invite(
        kind=INVITATION_KIND,
        subject_id=application.id,
        role=form.role.data,
        email=form.email.data,
        name=form.name.data,
        by=current_user,
    )
    actions.note_invitation(application, by=current_user)
    commit()
    flash(_("The invitation is on its way. You will be asked to confirm who accepted it."), "done")
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.post("/<int:application_id>/people/<int:participant_id>/confirmation")
def confirm_person(application_id: int, participant_id: int) -> ResponseReturnValue:
    participant = access_participant(current_user, application_id, participant_id, to=policy.can_confirm)
    actions.confirm_person(participant, by=current_user)
    name = participant.user.name
    commit()
    flash(_("%(name)s is on the team and has mail.", name=name), "done")
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.post("/<int:application_id>/people/<int:participant_id>/role")
def change_role(application_id: int, participant_id: int) -> ResponseReturnValue:
    participant = access_participant(current_user, application_id, participant_id, to=policy.can_manage)
    form = RoleForm()
    form.offer(policy.roles_to_give(current_user, participant))
    if not form.validate_on_submit():
        abort(422)
    if form.role.data != "lead" and policy.is_last_lead(participant):
        flash(_("An application needs a lead. Make somebody else lead first."), "error")
        return team_page(participant.application), 422
    actions.change_role(participant, form.role.data, by=current_user)
    commit()
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.get("/<int:application_id>/people/<int:participant_id>/removal")
def ask_to_remove(application_id: int, participant_id: int) -> ResponseReturnValue:
    participant = access_participant(current_user, application_id, participant_id, to=policy.may_end_place)
    return render_template(
        "applications/people/remove.html", participant=participant, application=participant.application
    )


@bp.post("/<int:application_id>/people/<int:participant_id>/removal")
def remove_person(application_id: int, participant_id: int) -> ResponseReturnValue:
    participant = access_participant(current_user, application_id, participant_id, to=policy.may_end_place)
    application = participant.application
    if policy.is_last_lead(participant):
        return render_template("applications/people/remove.html", participant=participant, application=application), 422
    left = participant.user_id == current_user.id
    actions.remove_person(participant, by=current_user)
    commit()
    if left:
        return redirect(url_for("applications.index"), 303)
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.post("/<int:application_id>/people/invitations/<int:invitation_id>/withdrawal")
def withdraw_invitation(application_id: int, invitation_id: int) -> ResponseReturnValue:
    """Whoever sent a link takes it back, and so may a lead."""
    invitation = access_invitation(current_user, application_id, invitation_id)
    accounts.void_invitation(invitation, by=current_user)
    commit()
    return redirect(url_for("applications.partners", application_id=application_id), 303)
