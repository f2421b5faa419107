"""The index, one board's list of threads, and the officers' form for a new board."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user

from portal.access import allow
from portal.boards import actions, policy, queries
from portal.boards.forms import BoardForm
from portal.boards.views.blueprint import bp
from portal.transaction import commit


@bp.get("/boards")
def index() -> Any:
    """Every board that this person reads, with what is new to them."""
    return render_template("boards/boards/index.html", lines=queries.board_lines(current_user))


@bp.get("/boards/new")
def new_board() -> Any:
    allow(policy.can_create_board(current_user))
    return render_template("boards/boards/new.html", form=BoardForm())


@bp.post("/boards")
def create_board() -> Any:
    allow(policy.can_create_board(current_user))
    form = BoardForm()
    if not form.validate_on_submit():
        return render_template("boards/boards/new.html", form=form), 422

    board = actions.create_board(
        name=form.name.data, description=form.description.data, audience=form.audience.data, by=current_user
    )
    commit()
    return redirect(url_for("boards.board", slug=board.slug), 303)


@bp.get("/boards/<slug>")
def board(slug: str) -> Any:
    """One board: its threads by last activity."""
    shown = policy.access_board(current_user, slug)
    try:
        threads = queries.thread_list(current_user, shown, request.args.get("before"))
    except ValueError:
        abort(404)
    return render_template("boards/boards/show.html", board=shown, threads=threads)
