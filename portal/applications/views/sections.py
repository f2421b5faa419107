"""The workspace: one section being written, its state, and the partner who writes it."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access import allow, found
from portal.applications import actions, policy, queries, templates
from portal.applications.forms import AssignForm, StateForm
from portal.applications.models import Section
from portal.applications.policy import access_application, access_section
from portal.applications.views.blueprint import bp
from portal.collab import presence
from portal.collab import queries as documents
from portal.transaction import commit


@bp.get("/<int:application_id>/here")
def here(application_id: int) -> ResponseReturnValue:
    """Document id -> how many people have it open. The page asks this anew while somebody looks at it."""
    application = access_application(current_user, application_id)
    counts = presence.here([section.document_id for section in application.sections])
    return jsonify({str(document_id): count for document_id, count in counts.items() if count})


@bp.get("/<int:application_id>/sections/<key>")
def section(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key)
    application = section.application
    mine = found(policy.participant_of(current_user, application))
    changes = queries.changes_since_visit(current_user, [(application, mine.seen_at)])
    document_role = policy.DOCUMENT_ROLES[mine.role]
    rescues = documents.open_rescues(section.document_id) if document_role == "write" else []
    return render_template(
        "applications/sections/show.html",
        application=application,
        section=section,
        mine=mine,
        work=queries.workspace(application),
        template=templates.pinned(application.template_id, application.template_version),
        changes=changes[application.id],
        here=presence.here([each.document_id for each in application.sections]),
        line=queries.last_line(section),
        edited_at=queries.last_edit(section),
        document_role=document_role,
        rescues=rescues,
        names=documents.names_of(rescues),
        states=policy.states_to_move_to(current_user, section),
        assign=_assign_form(section),
        can_freeze=policy.can_freeze(current_user, section),
    )


def _assign_form(section: Section) -> AssignForm | None:
    """The lead gives sections to partners, once there is one."""
    application = section.application
    partners = [partner.organisation for partner in application.partners if partner.state == "accepted"]
    if len(partners) < 2 or not policy.can_lead(current_user, application):
        return None
    form = AssignForm()
    form.offer(partners)
    if not form.is_submitted():
        form.organisation.data = section.organisation_id or application.lead_organisation_id
    return form


@bp.get("/<int:application_id>/sections/<key>/state")
def state(application_id: int, key: str) -> ResponseReturnValue:
    """The state with what this person may do with it: a frame that a live page asks for again."""
    section = access_section(current_user, application_id, key)
    return render_template(
        "applications/sections/state.html", section=section, states=policy.states_to_move_to(current_user, section)
    )


@bp.post("/<int:application_id>/sections/<key>/state")
def move(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key, to=policy.can_write_section)
    form = StateForm()
    if not form.validate_on_submit():
        return render_template(
            "applications/sections/state.html", section=section, states=policy.states_to_move_to(current_user, section)
        ), 422
    allow(form.state.data in policy.states_to_move_to(current_user, section))
    actions.move_section(section, form.state.data, by=current_user)
    commit()
    if "Turbo-Frame" in request.headers:
        return redirect(url_for("applications.state", application_id=application_id, key=key), 303)
    return redirect(url_for("applications.section", application_id=application_id, key=key), 303)


@bp.post("/<int:application_id>/sections/<key>/organisation")
def assign(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key, to=policy.can_assign)
    form = _assign_form(section)
    if form is not None and form.validate_on_submit():
        chosen = next(
            partner.organisation
            for partner in section.application.partners
            if partner.organisation_id == form.organisation.data
        )
        lead_id = section.application.lead_organisation_id
        actions.assign_section(section, None if chosen.id == lead_id else chosen, by=current_user)
        commit()
    return redirect(url_for("applications.section", application_id=application_id, key=key), 303)
