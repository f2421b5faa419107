"""Where a person is signed in, and signing out elsewhere."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import actions, identity, policy, queries
from portal.accounts.devices import name_of
from portal.accounts.views.blueprint import bp
from portal.transaction import commit


@bp.get("/account/sessions")
def sessions() -> Any:
    return render_template(
        "accounts/sessions/index.html",
        sessions=queries.sessions_of(current_user),
        current_id=identity.current_session().id,
        name_of=name_of,
    )


@bp.post("/account/sessions/<int:session_id>/revocation")
def revoke_session(session_id: int) -> Any:
    session = policy.access_session(current_user, session_id)
    actions.end_session(session, by=identity.current_session().user, verb="session_revoked")
    commit()
    flash(_("That device is signed out."))
    return redirect(url_for("accounts.sessions"), 303)


@bp.post("/account/sessions/others/revocation")
def revoke_other_sessions() -> Any:
    """Everywhere but here."""
    here = identity.current_session()
    actions.end_other_sessions(here.user, keep=here, by=here.user)
    commit()
    flash(_("Every other device is signed out."))
    return redirect(url_for("accounts.sessions"), 303)
