"""`/join` and `/contact`: a message from outside, without an account, confirmed by mail.

The answer is the same whoever writes: it does not tell whether an address is known, nor whether the
message was taken for a program's.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded

from portal.access import found
from portal.accounts import tokens
from portal.accounts.forms import checks_its_own_token
from portal.clock import utcnow
from portal.extensions import limiter
from portal.members import actions, queries
from portal.members.forms import EnquiryForm
from portal.members.views.blueprint import bp
from portal.transaction import commit
from portal.web.errors import page as error_page
from portal.web.public import public

KINDS = {
    "members.join": "join",
    "members.send_join": "join",
    "members.contact": "contact",
    "members.send_contact": "contact",
}
LIMIT = "5/hour"

by_sender = limiter.shared_limit(LIMIT, scope="enquiry-sender", deduct_when=lambda answer: answer.status_code == 303)
by_address = limiter.shared_limit(
    LIMIT,
    scope="enquiry-address",  # nobody's mailbox is filled with our confirmations
    key_func=lambda: request.form.get("email", "").strip().casefold() or "none",
    deduct_when=lambda answer: answer.status_code == 303,
)


@bp.get("/join")
@public
def join() -> ResponseReturnValue:
    return enquiry_page(EnquiryForm())


@bp.get("/contact")
@public
def contact() -> ResponseReturnValue:
    return enquiry_page(EnquiryForm())


@bp.post("/join")
@public
@checks_its_own_token
@by_sender
@by_address
def send_join() -> ResponseReturnValue:
    return take_enquiry()


@bp.post("/contact")
@public
@checks_its_own_token
@by_sender
@by_address
def send_contact() -> ResponseReturnValue:
    return take_enquiry()


def take_enquiry() -> ResponseReturnValue:
    form = EnquiryForm()
    if not form.validate_on_submit():
        return enquiry_page(form, 422)

    kind = KINDS[str(request.endpoint)]
    if not form.is_from_a_program:
        actions.submit_enquiry(kind=kind, **form.enquiry)
        commit()
    return redirect(url_for("members.enquiry_sent"), 303)


def enquiry_page(form: EnquiryForm, status: int = 200) -> ResponseReturnValue:
    kind = KINDS[str(request.endpoint)]
    return render_template(f"members/enquiries/{kind}.html", form=form), status


@bp.errorhandler(RateLimitExceeded)
def too_many(error: RateLimitExceeded) -> ResponseReturnValue:
    """Keep what was typed, here too."""
    if request.endpoint not in KINDS:
        return error_page(429)
    form = EnquiryForm()
    form.message.errors = [_("There were too many messages from here. Please wait an hour and send it again.")]
    return enquiry_page(form, 429)


@bp.get("/join/sent")
@public
def enquiry_sent() -> ResponseReturnValue:
    return render_template("members/enquiries/sent.html")


@bp.get("/join/confirm/<token>")
@public
def ask_to_confirm(token: str) -> ResponseReturnValue:
    """A button, because mail scanners open links."""
    enquiry = found(queries.enquiry_by_token_hash(tokens.digest(token)))
    is_late = enquiry.confirmed_at is None and enquiry.expires_at < utcnow()
    return render_template("members/enquiries/confirm.html", enquiry=enquiry, token=token, is_late=is_late)


@bp.post("/join/confirm/<token>")
@public
def confirm_enquiry(token: str) -> ResponseReturnValue:
    enquiry = found(queries.enquiry_by_token_hash(tokens.digest(token)))
    if enquiry.confirmed_at is None and enquiry.expires_at < utcnow():
        return ask_to_confirm(token)

    actions.confirm_enquiry(enquiry)
    commit()

    return redirect(url_for("members.ask_to_confirm", token=token), 303)
