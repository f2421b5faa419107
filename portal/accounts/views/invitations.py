"""A link that brings one person in: what it is to, and saying yes."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template
from flask_login import current_user

from portal.accounts import actions, entry, identity, invitations, passwords, policy, queries
from portal.accounts.actions import AddressTakenError
from portal.accounts.forms import AcceptForm, JoinForm, checks_its_own_token
from portal.accounts.models import Invitation
from portal.accounts.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit, rollback
from portal.web.public import public


@bp.get("/invitations/<token>")
@public
@limiter.limit("30/minute")
def invitation(token: str) -> Any:
    found = policy.access_invitation(token)
    form = AcceptForm() if current_user.is_authenticated else JoinForm(formdata=None, name=found.name)
    return _page(found, token, form)


@bp.post("/invitations/<token>")
@public
@limiter.limit("10/minute")
@checks_its_own_token
def accept_invitation(token: str) -> Any:
    found = policy.access_invitation(token)
    if current_user.is_authenticated:
        return _accept_as_signed_in(found, token)
    form = JoinForm()
    form.person_email = found.email
    if queries.person_with_address(found.email) or not form.validate_on_submit():
        return _page(found, token, form), 422
    rollback()  # hashing takes long; SQLite has one writer
    password_hash = passwords.hash_password(form.password.data)
    return _accept_as_new_person(token, form, password_hash)


def _accept_as_signed_in(found: Invitation, token: str) -> Any:
    form = AcceptForm()
    if not form.validate_on_submit():
        return _page(found, token, form), 422
    landing = actions.accept_invitation(found, user=identity.current_session().user)
    commit()
    return redirect(landing, 303)


def _accept_as_new_person(token: str, form: JoinForm, password_hash: str) -> Any:
    found = policy.access_invitation(token)
    try:
        user, landing = actions.accept_as_new_person(found, name=form.name.data, password_hash=password_hash)
    except AddressTakenError:
        rollback()
        return _page(policy.access_invitation(token), token, form), 422
    entry.enter(user, own_device=form.own_device.data)
    commit()
    return redirect(landing, 303)


def _page(found: Invitation, token: str, form: AcceptForm | JoinForm) -> str:
    has_account = not current_user.is_authenticated and queries.person_with_address(found.email) is not None
    return render_template(
        "accounts/invitations/show.html",
        invitation=found,
        inviter=found.invited_by,
        what=invitations.kind_of(found).describe(found),
        path=invitations.path(token),
        has_account=has_account,
        form=form,
    )
