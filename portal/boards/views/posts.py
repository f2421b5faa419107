"""A post: its permanent address, and writing one."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_login import current_user

from portal.boards import actions, policy
from portal.boards.forms import PostForm
from portal.boards.models import Post, Thread, page_of
from portal.boards.views.blueprint import bp
from portal.boards.views.threads import render_thread
from portal.extensions import limiter
from portal.transaction import commit
from portal.web import turbo


@bp.get("/boards/posts/<int:post_id>")
def post(post_id: int) -> Any:
    """The post where it stands today: it may move to another page, this address stays."""
    shown = policy.access_post(current_user, post_id)
    return redirect(address_of(shown), 302)


def address_of(post: Post) -> str:
    """Page and anchor of a post."""
    return url_for("boards.thread", thread_id=post.thread_id, page=page_of(post.number), _anchor=f"post-{post.id}")


@bp.post("/boards/threads/<int:thread_id>/posts")
@limiter.limit("60/minute")
def create_post(thread_id: int) -> Any:
    thread = policy.access_thread(current_user, thread_id, for_update=True)
    form = PostForm()
    if not policy.can_reply(current_user, thread):
        return refuse_reply(thread, form)
    if not form.validate_on_submit():
        return render_thread(thread, page_written_on(thread, form), form), 422

    published = actions.publish_post(
        thread,
        author=current_user._get_current_object(),
        body=form.body.data,
        submission_key=form.submission_key.data,
        seen=form.seen.data,
    )
    commit()
    if turbo.accepts_stream() and page_of(published.number) == page_written_on(thread, form):
        return turbo.stream(
            "boards/posts/create.stream.html", thread=thread, post=published, form=PostForm(formdata=None)
        )
    return redirect(address_of(published), 303)


def refuse_reply(thread: Thread, form: PostForm) -> Any:
    """The thread was locked meanwhile: say so, and give the text back to be kept."""
    return render_template("boards/posts/refused.html", thread=thread, form=form), 403


def page_written_on(thread: Thread, form: PostForm) -> int:
    """The page that the form stood on, as far as the form tells; the last one otherwise."""
    seen = form.seen.data or thread.posts_count
    return page_of(max(1, min(seen, thread.posts_count)))
