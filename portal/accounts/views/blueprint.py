"""The blueprint, and what all of its pages share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from portal.accounts.gone import InvitationGoneError, LinkGoneError
from portal.accounts.passwords import HashingBusyError
from portal.transaction import rollback
from portal.web import errors

bp = Blueprint("accounts", __name__)


@bp.after_request
def _keep_no_copy(response: Response) -> Response:
    """Tokens, addresses and devices are for this look only: not for the Back button after signing out."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(LinkGoneError)
def _link_gone(_error: LinkGoneError) -> Any:
    rollback()
    return render_template("accounts/links/gone.html"), 404


@bp.errorhandler(InvitationGoneError)
def _invitation_gone(_error: InvitationGoneError) -> Any:
    rollback()
    return render_template("accounts/invitations/gone.html"), 404


@bp.errorhandler(HashingBusyError)
def _busy(_error: HashingBusyError) -> Any:
    rollback()
    return errors.page(503)
