"""The versions of a document: its list, one to read, keeping the present text, and bringing one back."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import found
from portal.collab import actions, kinds, policy, queries
from portal.collab.forms import VersionForm
from portal.collab.models import Document, DocVersion
from portal.collab.views.blueprint import bp
from portal.extensions import limiter
from portal.live.identity import identity
from portal.transaction import commit
from portal.web.layout import stand_under


@bp.get("/documents/<int:document_id>/versions")
def versions(document_id: int) -> ResponseReturnValue:
    return _list(policy.access_versions(current_user, document_id), VersionForm())


@bp.post("/documents/<int:document_id>/versions")
@limiter.limit("60/hour")
def keep_version(document_id: int) -> ResponseReturnValue:
    """Keep the present text under a name."""
    document, _role = policy.access_document(current_user, document_id, to="write")
    form = VersionForm()
    if not form.validate_on_submit():
        return _list(document, form), 422
    actions.keep_version(document.id, "named", name=form.name.data, by=current_user)
    commit()
    flash(_("The text is kept as “%(name)s”.", name=form.name.data), "done")
    return redirect(url_for("collab.versions", document_id=document_id), 303)


@bp.get("/documents/<int:document_id>/versions/<int:version_id>")
def version(document_id: int, version_id: int) -> ResponseReturnValue:
    document = policy.access_versions(current_user, document_id)
    version = policy.version_of(document, version_id)
    return render_template(
        "collab/versions/show.html",
        version=version,
        place=_place(document),
        names=_names([version.user_id]),
        standing=queries.standing([document.id])[document.id],
        may_restore=policy.can_manage(current_user, document),
    )


@bp.get("/documents/<int:document_id>/versions/<int:version_id>/restoration")
def ask_to_restore(document_id: int, version_id: int) -> ResponseReturnValue:
    """What bringing the version back would do, for who may."""
    document = policy.access_managed(current_user, document_id)
    return _question(document, policy.version_of(document, version_id))


@bp.post("/documents/<int:document_id>/versions/<int:version_id>/restoration")
@limiter.limit("30/hour")
def restore(document_id: int, version_id: int) -> ResponseReturnValue:
    document = policy.access_managed(current_user, document_id)
    version = policy.version_of(document, version_id)
    try:
        actions.restore(version, by=current_user)
    except (actions.FrozenError, actions.UnreadError):  # since the question was asked; the page says which
        return _question(document, version), 409
    place = _place(document)
    commit()
    flash(_("The text is as it was in that version. What stood here before is kept as a version too."), "done")
    return redirect(place.url, 303)


def _list(document: Document, form: VersionForm) -> str:
    before = request.args.get("before", "")
    after_last = int(before) if before.isdecimal() and len(before) < 10 else None
    shown = queries.versions(document.id, before=after_last, limit=queries.PAGE + 1)
    page, is_more = shown[: queries.PAGE], len(shown) > queries.PAGE
    return render_template(
        "collab/versions/index.html",
        document=document,
        place=_place(document),
        versions=page,
        names=_names(version.user_id for version in page),
        older=page[-1].id if is_more else None,
        is_newest=after_last is None,
        form=form,
    )


def _question(document: Document, version: DocVersion) -> str:
    return render_template(
        "collab/versions/restore.html",
        version=version,
        place=_place(document),
        standing=queries.standing([document.id])[document.id],
    )


def _place(document: Document) -> kinds.Place:
    place = found(kinds.find(document.kind)).place(document.id)
    stand_under(place.url)
    return place


def _names(user_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    wanted = {user_id for user_id in user_ids if user_id is not None}
    return identity().names(wanted) if wanted else {}
