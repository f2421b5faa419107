"""In by password, and out."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import actions, destinations, entry, identity, passwords, queries
from portal.accounts.forms import SignInForm, checks_its_own_token
from portal.accounts.models import User
from portal.accounts.views.blueprint import bp
from portal.extensions import db, limiter
from portal.transaction import commit, rollback
from portal.web.public import public


def account_key() -> str:
    """What is counted an account, known or not: the address as it was typed, hashed, since limits are not deleted.

    Forms without one are counted where they come from: they are not all one account.
    """
    typed = User.key_of(request.form.get("email", "")) or f"nobody at {request.remote_addr}"
    return f"account:{hashlib.sha256(typed.encode()).hexdigest()[:32]}"


@bp.get("/sign-in")
@public
def sign_in() -> Any:
    way = destinations.safe_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(way, 303)
    form = SignInForm(formdata=None, next=way)
    return render_template("accounts/sign_in/new.html", form=form, has_ended=identity.had_session())


@bp.post("/sign-in")
@public
@limiter.limit("10/minute")
@limiter.limit("10 per 15 minutes", key_func=account_key)
@checks_its_own_token
def create_session() -> Any:
    """An address that nobody has, one without a password and a wrong password get one answer, as late as the right."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in/new.html", form=form, has_ended=False), 422

    known = queries.credentials(form.email.data)
    rollback()  # hashing takes long; SQLite has one writer
    user_id, stored = known or (0, None)
    if not passwords.verify(form.password.data, stored):
        form.password.errors = [_("This mail address and password do not go together. Check both, or use a link.")]
        return render_template("accounts/sign_in/new.html", form=form, has_ended=False), 422

    renewed = passwords.hash_password(form.password.data) if passwords.needs_rehash(str(stored)) else None
    return _let_in(user_id, form, renewed)


def _let_in(user_id: int, form: SignInForm, renewed: str | None) -> Any:
    user = db.session.get_one(User, user_id)
    if user.is_suspended:
        return render_template("accounts/sign_in/suspended.html"), 403
    if renewed:
        actions.renew_hash(user, password_hash=renewed)
    entry.enter(user, own_device=form.own_device.data)
    commit()
    return redirect(destinations.safe_path(form.next.data), 303)


@bp.post("/sign-out")
def sign_out() -> Any:
    """End this session. A device that is not the person's own keeps nothing of what the portal stored on it."""
    session = identity.current_session()
    is_own = session.own_device
    actions.end_session(session, by=session.user)
    commit()
    identity.forget()
    flash(_("You are signed out."))
    response = redirect("/", 303)
    response.headers["Clear-Site-Data"] = '"cache"' if is_own else '"cache", "storage"'
    return response
