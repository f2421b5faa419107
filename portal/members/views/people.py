"""Ending somebody's role, with a page that asks first."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.members import actions, policy
from portal.members.policy import access_membership
from portal.members.views.blueprint import bp
from portal.transaction import commit


@bp.get("/members/people/<int:membership_id>/end")
def ask_to_end(membership_id: int) -> ResponseReturnValue:
    membership = access_membership(current_user, membership_id, to=policy.can_end_membership)
    return render_template("members/people/end.html", membership=membership, refusal="")


@bp.post("/members/people/<int:membership_id>/end")
def end_membership(membership_id: int) -> ResponseReturnValue:
    membership = access_membership(current_user, membership_id, to=policy.can_end_membership)
    try:
        actions.end_membership(membership, by=current_user)
    except actions.LastLeaderError:
        refusal = _("An organisation needs a leader. Ask an officer to invite the next one first.")
        return render_template("members/people/end.html", membership=membership, refusal=refusal), 422
    commit()

    organisation = membership.organisation
    flash(
        _("%(name)s no longer belongs to %(organisation)s.", name=membership.user.name, organisation=organisation.name),
        "done",
    )
    return redirect(url_for("members.show", slug=organisation.slug), 303)
