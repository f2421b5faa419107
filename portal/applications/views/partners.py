"""Partners and people: the team's page, and the answer of an invited organisation."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.applications import actions, policy, queries, templates
from portal.applications.forms import AddColleagueForm, InvitePartnerForm, InvitePersonForm, RoleForm
from portal.applications.models import Application
from portal.applications.policy import access_application, access_partner, access_partner_invitation
from portal.applications.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit


@bp.get("/<int:application_id>/partners")
def partners(application_id: int) -> ResponseReturnValue:
    return team_page(access_application(current_user, application_id))


def team_page(application: Application, **forms: Any) -> str:
    """The team's page; `forms` are those that came back with errors, under the names of the template."""
    can_lead, can_add = policy.can_lead(current_user, application), policy.can_add_people(current_user, application)
    colleagues = queries.colleagues_to_add(current_user, application)
    context = {
        "invite_partner": invite_partner_form(application) if can_lead else None,
        "add_colleague": add_colleague_form(application, colleagues) if colleagues else None,
        "invite_person": invite_person_form(application) if can_add else None,
        **forms,
    }
    return render_template(
        "applications/partners/index.html",
        application=application,
        people=queries.people_of(application),
        pending=[person for person in application.participants if policy.can_confirm(current_user, person)],
        invitations=queries.open_invitations(application) if can_add else [],
        role_form=RoleForm,
        **context,
    )


def invite_partner_form(application: Application) -> InvitePartnerForm:
    form = InvitePartnerForm()
    form.offer(queries.organisations_to_invite(current_user, application))
    return form


def add_colleague_form(application: Application, colleagues: list[Any]) -> AddColleagueForm:
    form = AddColleagueForm()
    form.offer(policy.roles_to_offer(current_user, application))
    form.offer_people(colleagues)
    return form


def invite_person_form(application: Application) -> InvitePersonForm:
    form = InvitePersonForm()
    form.offer(policy.roles_to_offer(current_user, application))
    return form


@bp.post("/<int:application_id>/partners")
@limiter.limit("60/hour")
def invite_partner(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    form = invite_partner_form(application)
    if not form.validate_on_submit():
        return team_page(application, invite_partner=form), 422
    organisation = next(
        each for each in queries.organisations_to_invite(current_user, application) if each.id == form.organisation.data
    )
    leaders = queries.leaders_of(organisation)
    if not leaders:
        form.organisation.errors = [
            _("Nobody at this organisation has an account yet. Ask an officer to invite its leader first.")
        ]
        return team_page(application, invite_partner=form), 422
    actions.invite_partner(application, organisation, leaders=leaders, by=current_user)
    commit()
    flash(
        _(
            "%(organisation)s is invited. Its leaders have mail, and it waits on their desk.",
            organisation=organisation.name,
        ),
        "done",
    )
    return redirect(url_for("applications.partners", application_id=application_id), 303)


@bp.get("/<int:application_id>/partners/<int:partner_id>/end")
def ask_to_end_partner(application_id: int, partner_id: int) -> ResponseReturnValue:
    partner = access_partner(current_user, application_id, partner_id, to=policy.can_end_partner)
    return render_template("applications/partners/end.html", partner=partner, application=partner.application)


@bp.post("/<int:application_id>/partners/<int:partner_id>/end")
def end_partner(application_id: int, partner_id: int) -> ResponseReturnValue:
    """The lead withdraws or ends a partner; a partner's leader leaves."""
    partner = access_partner(current_user, application_id, partner_id, to=policy.can_end_partner)
    if policy.can_withdraw(current_user, partner):
        actions.withdraw_partner(partner, by=current_user)
        address = url_for("applications.partners", application_id=application_id)
    else:
        actions.leave_as_partner(partner, by=current_user)
        address = url_for("applications.index")
    commit()
    return redirect(address, 303)


@bp.get("/invitations/<int:partner_id>")
def partner_invitation(partner_id: int) -> ResponseReturnValue:
    """What an invited organisation sees before it answers: who asks, the title, the funder, the deadline."""
    partner = access_partner_invitation(current_user, partner_id)
    application = partner.application
    return render_template(
        "applications/partners/invitation.html",
        partner=partner,
        application=application,
        template=templates.pinned(application.template_id, application.template_version),
        deadline=application.deadline,
    )


@bp.post("/invitations/<int:partner_id>/acceptance")
def accept_invitation(partner_id: int) -> ResponseReturnValue:
    partner = access_partner_invitation(current_user, partner_id)
    actions.accept_invitation(partner, by=current_user)
    address = url_for("applications.show", application_id=partner.application_id)
    commit()
    flash(_("You are on the team. You can add colleagues under Partners and people."), "done")
    return redirect(address, 303)


@bp.post("/invitations/<int:partner_id>/refusal")
def decline_invitation(partner_id: int) -> ResponseReturnValue:
    partner = access_partner_invitation(current_user, partner_id)
    actions.decline_invitation(partner, by=current_user)
    commit()
    flash(_("You declined. The team has been told."), "done")
    return redirect(url_for("applications.index"), 303)
