"""`flask boards add`: open a board from the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from portal.boards import actions
from portal.boards.policy import AUDIENCES
from portal.transaction import commit
from portal.web.typed import one_line

group = AppGroup("boards", help="The discussion boards.")


@group.command("add")
@click.argument("name")
@click.option("--audience", type=click.Choice(list(AUDIENCES)), default="members", show_default=True)
@click.option("--description", default="", help="One or two sentences: what the board is for.")
def add(name: str, audience: str, description: str) -> None:
    """Open a board called NAME."""
    name = one_line(name)
    if not name or len(name) > 120:
        raise click.BadParameter("A name has 1 to 120 characters.", param_hint="NAME")
    board = actions.create_board(name=name, audience=audience, description=description.strip())
    commit()
    click.echo(f"Opened {board.name}: /boards/{board.slug}")
