"""A thread: read from the first unread post, start one, say how far one has read, lock and open it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from portal.access import found
from portal.boards import actions, policy, queries
from portal.boards.forms import PostForm, ReadForm, ThreadForm
from portal.boards.models import Thread
from portal.boards.views.blueprint import bp
from portal.extensions import limiter
from portal.transaction import commit


@bp.get("/boards/<slug>/threads/new")
def new_thread(slug: str) -> Any:
    board = policy.access_board(current_user, slug, to=policy.can_start_thread)
    return render_template("boards/threads/new.html", board=board, form=ThreadForm())


@bp.post("/boards/<slug>/threads")
@limiter.limit("30/minute")
def create_thread(slug: str) -> Any:
    board = policy.access_board(current_user, slug, to=policy.can_start_thread, for_update=True)
    form = ThreadForm()
    if not form.validate_on_submit():
        return render_template("boards/threads/new.html", board=board, form=form), 422

    started = actions.start_thread(
        board,
        author=current_user._get_current_object(),
        title=form.title.data,
        body=form.body.data,
        submission_key=form.submission_key.data,
    )
    commit()
    return redirect(url_for("boards.thread", thread_id=started.id), 303)


@bp.get("/boards/threads/<int:thread_id>")
def thread(thread_id: int) -> Any:
    """Twenty posts; without `page` those from the first unread one on."""
    shown = policy.access_thread(current_user, thread_id)
    asked = request.args.get("page")
    number = None if asked is None else int(asked) if asked.isdecimal() and len(asked) < 8 else 0
    return render_thread(shown, number, PostForm())


def render_thread(thread: Thread, number: int | None, form: PostForm) -> str:
    """The page `number` of a thread around the reply that is being written. Raises NotFound past the end."""
    page = found(queries.thread_page(current_user, thread, number))
    return render_template("boards/threads/show.html", thread=thread, page=page, form=form)


@bp.post("/boards/threads/<int:thread_id>/read")
def read_thread(thread_id: int) -> Any:
    """Note how far this person has read: from the page's script, or by the button of a page without one."""
    shown = policy.access_thread(current_user, thread_id)
    form = ReadForm()
    if not form.validate_on_submit():
        return {"ok": False, "error": {"code": "422", "message": "number must be a positive whole number"}}, 422

    actions.mark_read(shown, by=current_user, number=form.number.data)
    commit()
    if request.headers.get("X-Requested-With"):
        return "", 204
    return redirect(url_for("boards.thread", thread_id=shown.id, _anchor="unread"), 303)


@bp.post("/boards/threads/<int:thread_id>/lock")
def lock_thread(thread_id: int) -> Any:
    """Close the thread for replies."""
    shown = policy.access_thread(current_user, thread_id, to=policy.can_lock, for_update=True)
    actions.lock_thread(shown, by=current_user)
    commit()
    return redirect(url_for("boards.thread", thread_id=shown.id), 303)


@bp.post("/boards/threads/<int:thread_id>/unlock")
def unlock_thread(thread_id: int) -> Any:
    """Take replies again."""
    shown = policy.access_thread(current_user, thread_id, to=policy.can_lock, for_update=True)
    actions.unlock_thread(shown, by=current_user)
    commit()
    return redirect(url_for("boards.thread", thread_id=shown.id), 303)
