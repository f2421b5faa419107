"""The bodies that are too long for a message."""

from __future__ import annotations

import gzip

from flask import Response, abort, request
from flask_login import current_user

from portal.collab import policy
from portal.collab.bodies import Body, body_since
from portal.collab.views.blueprint import bp

COMPRESSION = 1  # 6 MB in 60 ms; the next level takes twice as long for a tenth less
MIN_COMPRESSED = 500


@bp.get("/documents/<int:document_id>/state")
def state(document_id: int) -> Response:
    """State and tail, framed, at least up to `seq`; with `since` and `epoch` only what came after.

    `Portal-Seq` and `Portal-Epoch` say how far it reaches.
    """
    _document, role = policy.access_document(current_user, document_id)
    since, epoch = _number("since", -1), _number("epoch", 0)
    body = body_since(document_id, since, epoch, role=role, limit=None)
    if body is None or body.framed is None:
        abort(404)
    response = _framed(body)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Portal-Seq"] = str(body.seq)
    response.headers["Portal-Epoch"] = str(body.epoch)
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{body.epoch}:{body.seq}:{since}" if since >= 0 else f"{body.epoch}:{body.seq}")
    response.make_conditional(request)
    return response


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.removeprefix("-").isdecimal() or len(text) > 10:
        abort(400)
    return int(text)


def _framed(body: Body) -> Response:
    framed = body.framed or b""
    response = Response(framed, content_type="application/octet-stream")
    if len(framed) >= MIN_COMPRESSED and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(framed, COMPRESSION, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
