"""One's own account: name, time zone, password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.accounts import actions, destinations, identity, passwords, wall
from portal.accounts.forms import ConfirmForm, PasswordForm, ProfileForm, TimeZoneForm, checks_its_own_token
from portal.accounts.step_up import confirmed_lately
from portal.accounts.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit, rollback
from portal.web.times import city


@bp.get("/account")
def account() -> Any:
    return _page(ProfileForm(formdata=None, obj=current_user), _zone_form())


@bp.post("/account")
@checks_its_own_token
def edit_account() -> Any:
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(form, _zone_form(), broken=form), 422
    actions.rename(current_user, name=form.name.data)
    commit()
    flash(_("Your name is saved."))
    return redirect(url_for("accounts.account"), 303)


@bp.post("/account/time-zone")
@checks_its_own_token
def set_time_zone() -> Any:
    """Confirm or change the zone; other pages post here too and name in `next` where to go back to."""
    form = TimeZoneForm()
    form.offer(current_user.time_zone)
    if not form.validate_on_submit():
        return _page(ProfileForm(formdata=None, obj=current_user), form, broken=form), 422
    actions.set_time_zone(current_user, time_zone=form.time_zone.data)
    commit()
    flash(_("Times are now shown for %(city)s.", city=city(form.time_zone.data)))
    way = destinations.safe_path(form.next.data)
    return redirect(url_for("accounts.account") if way == destinations.HOME else way, 303)


def _zone_form() -> TimeZoneForm:
    form = TimeZoneForm(formdata=None, time_zone=current_user.time_zone or "")
    form.offer(current_user.time_zone)
    return form


def _page(profile: ProfileForm, zone: TimeZoneForm, broken: Any = None) -> str:
    return render_template("accounts/account/show.html", profile=profile, zone=zone, form=broken or profile)


@bp.get("/account/confirm")
def confirm() -> Any:
    form = ConfirmForm(formdata=None, next=destinations.safe_path(request.args.get("next")))
    return render_template("accounts/confirmations/new.html", form=form)


@bp.post("/account/confirm")
@limiter.limit("10/minute")
@limiter.limit("10 per 15 minutes", key_func=lambda: f"confirm:{current_user.id}")
@checks_its_own_token
def create_confirmation() -> Any:
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("accounts/confirmations/new.html", form=form), 422
    stored = current_user.password_hash
    rollback()  # hashing takes long; SQLite has one writer
    is_right = passwords.verify(form.password.data, stored)
    if not identity.is_still_there():
        return wall.turn_away()
    if not is_right:
        form.password.errors = [_("This is not your password. Try again, or sign out and use a link by mail.")]
        return render_template("accounts/confirmations/new.html", form=form), 422
    actions.confirm_session(identity.current_session())
    commit()
    return redirect(destinations.safe_path(form.next.data), 303)


@bp.get("/account/password")
@confirmed_lately
def edit_password() -> Any:
    return render_template("accounts/passwords/edit.html", form=PasswordForm())


@bp.post("/account/password")
@limiter.limit("10/minute")
@checks_its_own_token
@confirmed_lately
def change_password() -> Any:
    form = PasswordForm()
    form.person_name, form.person_email = current_user.name, current_user.email
    if not form.validate_on_submit():
        return render_template("accounts/passwords/edit.html", form=form), 422
    rollback()  # hashing takes long; SQLite has one writer
    password_hash = passwords.hash_password(form.password.data)
    if not identity.is_still_there():
        return wall.turn_away()
    session = identity.current_session()
    actions.change_password(session.user, password_hash=password_hash, keep=session)
    commit()
    flash(_("Your password is changed. Every other device was signed out."))
    return redirect(url_for("accounts.account"), 303)
