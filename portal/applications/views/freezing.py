"""Freezing a section or all of them, and taking them up again. For the lead."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from portal.applications import actions, policy, queries
from portal.applications.forms import UnfreezeForm
from portal.applications.models import Application, Section
from portal.applications.policy import access_application, access_section
from portal.applications.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit


@bp.get("/<int:application_id>/sections/<key>/freeze")
def freezing(application_id: int, key: str) -> ResponseReturnValue:
    """Whether the section is frozen, with what the lead may do: a frame that a live page asks for again."""
    section = access_section(current_user, application_id, key, to=policy.can_freeze)
    standing = queries.workspace(section.application).standing(section)
    return render_template("applications/freezing/show.html", section=section, standing=standing)


@bp.post("/<int:application_id>/sections/<key>/freeze")
@limiter.limit("120/hour")
def freeze(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key, to=policy.can_freeze)
    actions.freeze_sections([section], by=current_user)
    commit()
    endpoint = "applications.freezing" if "Turbo-Frame" in request.headers else "applications.section"
    return redirect(url_for(endpoint, application_id=application_id, key=key), 303)


@bp.get("/<int:application_id>/sections/<key>/unfreeze")
def ask_to_unfreeze(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key, to=policy.can_freeze)
    return _ask_why([section], UnfreezeForm())


@bp.post("/<int:application_id>/sections/<key>/unfreeze")
@limiter.limit("120/hour")
def unfreeze(application_id: int, key: str) -> ResponseReturnValue:
    section = access_section(current_user, application_id, key, to=policy.can_freeze)
    form = UnfreezeForm()
    if not form.validate_on_submit():
        return _ask_why([section], form), 422
    actions.unfreeze_sections([section], reason=form.reason.data, by=current_user)
    commit()
    flash(_("Everybody on the team who writes can write in this section again."), "done")
    return redirect(url_for("applications.section", application_id=application_id, key=key), 303)


@bp.get("/<int:application_id>/freeze")
def ask_to_freeze_all(application_id: int) -> ResponseReturnValue:
    """What freezing every section would do."""
    application = access_application(current_user, application_id, to=policy.can_lead)
    return render_template(
        "applications/freezing/all.html", application=application, work=queries.workspace(application)
    )


@bp.post("/<int:application_id>/freeze")
@limiter.limit("30/hour")
def freeze_all(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    frozen = actions.freeze_sections(application.sections, by=current_user)
    commit()
    _say(len(frozen), ngettext("%(num)d section is frozen.", "%(num)d sections are frozen.", len(frozen)))
    return redirect(url_for("applications.text", application_id=application_id), 303)


@bp.get("/<int:application_id>/unfreeze")
def ask_to_unfreeze_all(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    return _ask_why(application.sections, UnfreezeForm(), application)


@bp.post("/<int:application_id>/unfreeze")
@limiter.limit("30/hour")
def unfreeze_all(application_id: int) -> ResponseReturnValue:
    application = access_application(current_user, application_id, to=policy.can_lead)
    form = UnfreezeForm()
    if not form.validate_on_submit():
        return _ask_why(application.sections, form, application), 422
    open_again = actions.unfreeze_sections(application.sections, reason=form.reason.data, by=current_user)
    commit()
    count = len(open_again)
    _say(count, ngettext("%(num)d section is open again.", "%(num)d sections are open again.", count))
    return redirect(url_for("applications.text", application_id=application_id), 303)


def _say(count: int, words: str) -> None:
    flash(words if count else _("Nothing changed."), "done" if count else "message")


def _ask_why(sections: Sequence[Section], form: UnfreezeForm, whole: Application | None = None) -> str:
    """The question for one section, or for the `whole` application."""
    application = whole or sections[0].application
    work = queries.workspace(application)
    return render_template(
        "applications/freezing/unfreeze.html",
        application=application,
        section=None if whole else sections[0],
        frozen=[section for section in sections if work.standing(section).is_locked],
        form=form,
    )
