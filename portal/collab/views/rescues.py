"""Words that came too late: handed in by a program, read and decided by editors, followed by their writer."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import found
from portal.collab import actions, kinds, policy, queries, rescue_words
from portal.collab.losses import CanWriteError, ManyWaitError, TooLateError
from portal.collab.models import DocRescue, Document
from portal.collab.protocol import MalformedError
from portal.collab.queries.rescues import Rescued
from portal.collab.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit, rollback
from portal.web.errors import wants_json
from portal.web.layout import stand_under

REFUSALS: dict[type[Exception], tuple[int, str]] = {
    CanWriteError: (409, "can_write"),
    ManyWaitError: (409, "waiting"),
    TooLateError: (410, "too_late"),
    MalformedError: (422, "malformed"),
}


@bp.record
def _name_for_templates(state: BlueprintSetupState) -> None:
    """The words of rescues, for pages here and in the domains; nothing here is a person."""
    state.app.jinja_env.globals.update(rescue_words=rescue_words)


def _by_person() -> str:
    return f"rescue:{getattr(current_user, 'id', 0)}"


@bp.post("/documents/<int:document_id>/rescues")
@limiter.limit("120/hour", key_func=_by_person)
@limiter.limit("10/hour", key_func=_by_person, deduct_when=lambda answer: answer.status_code == 201)
def hand_in_rescue(document_id: int) -> ResponseReturnValue:
    """Bytes in, JSON out (`protocol`). Who may not see the document any more learns nothing of it here."""
    policy.access_handing_in(current_user, document_id)
    rollback()  # others write while the bytes are read
    try:
        late = _handed_in()
        document, role, lost_at = policy.access_handing_in(current_user, document_id)
        rescue = actions.hand_in(document, late, by=current_user, role=role, lost_at=lost_at)
    except tuple(REFUSALS) as error:
        return _refuse(*REFUSALS[type(error)])
    commit()
    message = _("Handed in. An editor reads the words and inserts or declines them; you are told by mail.")
    return jsonify(ok=True, id=rescue.id, message=message, url=url_for("collab.own_rescues")), 201


def _handed_in() -> actions.HandedIn:
    epoch, base_seq, framed = _number("epoch", 1), _number("base_seq", 0), request.get_data()
    return actions.HandedIn(framed, actions.read_handed_in(framed), epoch, base_seq)


def _number(name: str, low: int) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= low):
        raise MalformedError(f"{name} is no number in range")
    return int(text)


def _refuse(status: int, code: str, message: str = "") -> ResponseReturnValue:
    rollback()
    words = message or str(rescue_words.REFUSED[code])
    return jsonify(ok=False, error={"code": code, "message": words}), status


@bp.get("/documents/<int:document_id>/rescues")
def rescues(document_id: int) -> ResponseReturnValue:
    document, _role = policy.access_document(current_user, document_id, to="write")
    if wants_json():
        return jsonify(ok=True, rescues=_as_data(queries.open_rescues(document.id)))
    return _page(document)


@bp.get("/documents/<int:document_id>/rescues/panel")
def rescues_panel(document_id: int) -> ResponseReturnValue:
    """What stands above the editor, as a frame that a live page asks for again. Empty for who only reads (any more)."""
    document, role = policy.access_document(current_user, document_id)
    shown = _waiting_for(document.id) if role == "write" else {"rescues": []}
    return render_template("collab/rescues/panel.html", document_id=document.id, **shown)


@bp.post("/documents/<int:document_id>/rescues/<int:rescue_id>/decision")
def decide_rescue(document_id: int, rescue_id: int) -> ResponseReturnValue:
    """Inserted or declined, once: who comes second is told who decided."""
    rescue = policy.access_rescue(current_user, document_id, rescue_id)
    decision = request.form.get("decision", "")
    if decision not in actions.DECISIONS:
        abort(422)
    try:
        is_first = actions.decide_rescue(rescue, decision, by=current_user)
    except actions.FrozenError:
        return _refuse_decision(document_id, "locked", str(rescue_words.REFUSED["locked"]))
    if not is_first:
        return _refuse_decision(document_id, "decided", _who_decided(rescue))
    commit()
    if wants_json():
        return jsonify(ok=True)
    if "Turbo-Frame" in request.headers:
        return redirect(url_for("collab.rescues_panel", document_id=document_id), 303)
    flash(_("Noted. The words stay here for 30 days."), "done")
    return redirect(url_for("collab.rescues", document_id=document_id), 303)


def _refuse_decision(document_id: int, code: str, message: str) -> ResponseReturnValue:
    if wants_json():
        return _refuse(409, code, message)
    rollback()
    if "Turbo-Frame" in request.headers:
        return render_template(
            "collab/rescues/panel.html", document_id=document_id, refused=message, **_waiting_for(document_id)
        ), 409
    document, _role = policy.access_document(current_user, document_id, to="write")
    return _page(document, refused=message), 409


def _who_decided(rescue: DocRescue) -> str:
    names = queries.names_of([rescue])
    return rescue_words.decided_by(rescue, names[rescue.decided_by_id][0])


@bp.get("/documents/<int:document_id>/rescues/<int:rescue_id>")
def rescue(document_id: int, rescue_id: int) -> ResponseReturnValue:
    """All the words, however many, as a file."""
    return _as_file(policy.access_rescue(current_user, document_id, rescue_id))


@bp.get("/rescues/<int:rescue_id>")
def own_rescue(rescue_id: int) -> ResponseReturnValue:
    return _as_file(policy.access_own_rescue(current_user, rescue_id))


def _as_file(rescue: DocRescue) -> Response:
    response = Response(rescue.text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=rescued-words-{rescue.id}.txt"
    return response


@bp.get("/rescues")
def own_rescues() -> ResponseReturnValue:
    """What became of one's own words, also of those for a document that one may not see any more."""
    own = queries.rescues_by(current_user.id)
    return render_template("collab/rescues/own.html", rescues=own, places=_places(own), names=queries.names_of(own))


def _waiting_for(document_id: int) -> dict[str, Any]:
    """What the panel and the page show of the rescues that wait."""
    waiting = queries.open_rescues(document_id)
    return {
        "rescues": waiting,
        "names": queries.names_of(waiting),
        "standing": queries.standing([document_id])[document_id],
    }


def _page(document: Document, refused: str = "") -> str:
    place = found(kinds.find(document.kind)).place(document.id)
    stand_under(place.url)
    decided = queries.decided_rescues(document.id)
    shown = _waiting_for(document.id)
    shown["names"] |= queries.names_of(decided)
    return render_template(
        "collab/rescues/index.html",
        document_id=document.id,
        place=place,
        decided=decided,
        refused=refused,
        **shown,
    )


def _as_data(rescues: list[Rescued]) -> list[dict[str, Any]]:
    names = queries.names_of(rescues)
    return [
        {
            "id": rescue.id,
            "name": names[rescue.user_id][0],
            "organisation": names[rescue.user_id][1],
            "at": rescue.at.isoformat(),
            "reason": rescue.reason,
            "why": rescue_words.why(rescue, names[rescue.user_id][0]),
            "text": rescue.text,
            "is_cut": rescue.is_cut,
            "decide": url_for("collab.decide_rescue", document_id=rescue.doc_id, rescue_id=rescue.id),
        }
        for rescue in rescues
    ]


def _places(rescues: list[Rescued]) -> dict[int, kinds.Place]:
    """Where the documents stand that this person may still see."""
    places = {each: policy.place_if_visible(current_user, each) for each in {rescue.doc_id for rescue in rescues}}
    return {document_id: place for document_id, place in places.items() if place is not None}
