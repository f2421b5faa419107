"""Erasing one's own account: a page that says what it means, and a button that does it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_login import current_user

from portal.accounts import actions, identity
from portal.accounts.forms import EraseForm, checks_its_own_token
from portal.accounts.objections import objections_of
from portal.accounts.step_up import confirmed_lately
from portal.accounts.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit
from portal.web.public import public


@bp.get("/account/erasure")
@confirmed_lately
def ask_to_erase() -> Any:
    return _page(EraseForm(formdata=None))


@bp.post("/account/erasure")
@limiter.limit("10/minute")
@checks_its_own_token
@confirmed_lately
def erase() -> Any:
    form = EraseForm()
    if not form.validate_on_submit() or objections_of(current_user):
        return _page(form), 422
    person = identity.current_session().user
    actions.erase(person, by=person)
    commit()
    identity.forget()
    return redirect(url_for("accounts.erased"), 303)


@bp.get("/account/erased")
@public
def erased() -> Any:
    """What the person sees afterwards: signed out, as anybody."""
    return render_template("accounts/erasure/done.html")


def _page(form: EraseForm) -> str:
    return render_template("accounts/erasure/new.html", form=form, objections=objections_of(current_user))
