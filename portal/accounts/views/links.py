"""In by a link that comes by mail; a forgotten password is the same link."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from portal.accounts import actions, destinations, entry, policy
from portal.accounts.forms import LinkRequestForm, UseLinkForm, checks_its_own_token
from portal.accounts.views.blueprint import bp
from portal.accounts.views.sign_in import account_key
from portal.extensions import limiter
from portal.transaction import commit
from portal.web.public import public


@bp.get("/sign-in/link")
@public
def ask_for_link() -> Any:
    form = LinkRequestForm(formdata=None, next=destinations.safe_path(request.args.get("next")))
    return render_template("accounts/links/new.html", form=form)


@bp.post("/sign-in/link")
@public
@limiter.limit("10/minute")
@limiter.limit("5/hour", key_func=lambda: f"link:{account_key()}")
@checks_its_own_token
def create_link() -> Any:
    """The same words, status and time for everybody: whether an address is known, only the worker finds out."""
    form = LinkRequestForm()
    if not form.validate_on_submit():
        return render_template("accounts/links/new.html", form=form), 422
    actions.ask_for_link(email=form.email.data, next_path=destinations.safe_path(form.next.data))
    commit()
    return redirect(url_for("accounts.link_sent"), 303)


@bp.get("/sign-in/link/sent")
@public
def link_sent() -> Any:
    has_mailbox = "mailbox.index" in current_app.view_functions
    return render_template("accounts/links/sent.html", has_mailbox=has_mailbox)


@bp.get("/sign-in/link/<token>")
@public
@limiter.limit("30/minute")
def link(token: str) -> Any:
    """A button: mail scanners open links, and must not use them up."""
    found = policy.access_link(token)
    form = UseLinkForm(formdata=None, next=destinations.safe_path(request.args.get("next")))
    return render_template("accounts/links/show.html", form=form, token=token, person=found.user)


@bp.post("/sign-in/link/<token>")
@public
@limiter.limit("30/minute")
@checks_its_own_token
def use_link(token: str) -> Any:
    found = policy.access_link(token)
    form = UseLinkForm()
    if not form.validate_on_submit():
        return render_template("accounts/links/show.html", form=form, token=token, person=found.user), 422
    entry.enter(actions.use_link(found), own_device=form.own_device.data)
    commit()
    words = _("You are signed in. Did you forget your password?")
    offer = Markup('{} <a href="{}">{}</a>').format(words, url_for("accounts.edit_password"), _("Set a new one"))
    flash(offer)
    return redirect(destinations.safe_path(form.next.data), 303)
