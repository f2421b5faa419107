"""One member: its public page, its profile, and how an officer adds one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from portal.access import allow
from portal.clock import utcnow
from portal.members import actions, policy, queries
from portal.members.forms import InvitationForm, OrganisationForm, ProfileForm
from portal.members.models import Organisation
from portal.members.policy import access_organisation
from portal.members.views.blueprint import bp
from portal.transaction import commit
from portal.web.public import public


@bp.get("/members/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    return organisation_page(access_organisation(current_user, slug))


def organisation_page(
    organisation: Organisation, *, invitation_form: FlaskForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page of `organisation`, with as much of it as the reader may see."""
    roles = policy.invitable_roles(current_user, organisation)
    if roles and invitation_form is None:
        invitation_form = InvitationForm(formdata=None)
        invitation_form.offer(roles)
    page = render_template(
        "members/organisations/show.html",
        organisation=organisation,
        people=queries.people_of(organisation) if policy.can_see_people(current_user) else None,
        invitations=queries.pending_invitations(current_user, organisation) if roles else [],
        invitation_form=invitation_form if roles else None,
        may_edit=policy.can_edit_organisation(current_user, organisation),
        may_end=policy.can_end_membership,
        now=utcnow(),
    )
    return page, status


@bp.get("/members/<slug>/edit")
def edit(slug: str) -> ResponseReturnValue:
    organisation = access_organisation(current_user, slug, to=policy.can_edit_organisation)
    form = ProfileForm(obj=organisation)
    return render_template("members/organisations/edit.html", organisation=organisation, form=form)


@bp.post("/members/<slug>/edit")
def update(slug: str) -> ResponseReturnValue:
    organisation = access_organisation(current_user, slug, to=policy.can_edit_organisation)
    form = ProfileForm(obj=organisation)
    if not form.validate_on_submit():
        return render_template("members/organisations/edit.html", organisation=organisation, form=form), 422

    actions.edit_organisation(organisation, by=current_user, **form.profile)
    commit()

    return redirect(url_for("members.show", slug=organisation.slug), 303)


@bp.get("/members/new")
def new() -> ResponseReturnValue:
    allow(policy.can_create_organisation(current_user))
    return render_template("members/organisations/new.html", form=OrganisationForm())


@bp.post("/members")
def create() -> ResponseReturnValue:
    allow(policy.can_create_organisation(current_user))
    form = OrganisationForm()
    if not form.validate_on_submit():
        return render_template("members/organisations/new.html", form=form), 422

    organisation = actions.create_organisation(
        name=form.name.data, kind=form.kind.data, part_of=form.part_of.data, by=current_user
    )
    actions.invite_to_organisation(
        organisation, role="leader", name=form.leader_name.data, email=form.leader_email.data, by=current_user
    )
    commit()

    flash(_("%(name)s is in the directory. We have sent its leader an invitation.", name=organisation.name), "done")
    return redirect(url_for("members.show", slug=organisation.slug), 303)
