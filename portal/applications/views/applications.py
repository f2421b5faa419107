"""My applications, starting one, its title and deadline, and what the team did."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import allow, found
from portal.applications import actions, policy, queries, templates
from portal.applications.forms import EditForm, StartForm
from portal.applications.policy import access_application
from portal.applications.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit
from portal.web import errors


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "applications/index.html",
        listed=queries.my_applications(current_user),
        pinned=templates.pinned,
        waiting=queries.waiting_to_be_let_in(current_user),
        can_start=policy.can_start(current_user),
    )


def _start_form() -> StartForm:
    form = StartForm()
    form.offer(templates.all_templates(), policy.organisations_to_lead(current_user))
    return form


@bp.get("/new")
def new() -> ResponseReturnValue:
    allow(policy.can_start(current_user))
    return render_template("applications/new.html", form=_start_form(), templates=templates.all_templates())


@bp.post("")
@limiter.limit("20/hour")
def create() -> ResponseReturnValue:
    allow(policy.can_start(current_user))
    form = _start_form()
    if not form.validate_on_submit():
        return render_template("applications/new.html", form=form, templates=templates.all_templates()), 422

    organisations = {each.id: each for each in policy.organisations_to_lead(current_user)}
    application = actions.start_application(
        title=form.title.data,
        template=found(templates.newest(form.template.data)),
        organisation=organisations[form.organisation.data],
        deadline=form.deadline,
        by=current_user,
    )
    address = url_for("applications.show", application_id=application.id)
    commit()
    return redirect(address, 303)


@bp.get("/<int:application_id>")
def show(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id)
    first = next(iter(application.sections), None)
    if first is None:
        abort(404)
    return redirect(url_for("applications.section", application_id=application.id, key=first.key))


@bp.get("/<int:application_id>/edit")
def edit(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    form = EditForm(title=application.title)
    form.show(application.deadline)
    return render_template("applications/edit.html", application=application, form=form)


@bp.post("/<int:application_id>/edit")
def update(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    form = EditForm()
    if not form.validate_on_submit():
        return render_template("applications/edit.html", application=application, form=form), 422
    actions.edit_application(application, title=form.title.data, deadline=form.deadline, by=current_user)
    commit()
    flash(_("Saved."), "done")
    return redirect(url_for("applications.show", application_id=application_id), 303)


@bp.post("/<int:application_id>/seen")
def seen(application_id: int) -> ResponseReturnValue:
    """This visit counts from here; the page's script wants no page back, the button does."""
    application = access_application(current_user, application_id)
    mine = found(policy.participant_of(current_user, application))
    actions.mark_seen(mine)
    commit()
    if errors.wants_json():
        return "", 204
    return redirect(url_for("applications.show", application_id=application_id), 303)


@bp.get("/<int:application_id>/activity")
def activity(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id)
    return render_template(
        "applications/activity.html", application=application, activities=queries.activities(application)
    )
