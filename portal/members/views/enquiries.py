"""What people outside wrote, for officers."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access import found
from portal.members import actions, policy, queries
from portal.members.policy import access_enquiry
from portal.members.views.blueprint import bp
from portal.transaction import commit


@bp.get("/members/enquiries")
def enquiries() -> ResponseReturnValue:
    found(policy.can_read_enquiries(current_user) or None)  # whoever is no officer need not know of the page
    return render_template(
        "members/enquiries/index.html",
        unread=queries.unread_enquiries(current_user),
        read=queries.read_enquiries(current_user),
    )


@bp.post("/members/enquiries/<int:enquiry_id>/read")
def read_enquiry(enquiry_id: int) -> ResponseReturnValue:
    enquiry = access_enquiry(current_user, enquiry_id)

    actions.mark_enquiry_read(enquiry, by=current_user)
    commit()

    return redirect(url_for("members.enquiries", _anchor=f"enquiry-{enquiry.id}"), 303)
